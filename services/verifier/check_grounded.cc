#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/text/tokens.h"
#include "services/verifier/checks.h"

namespace quern::verifier {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Length of the text at `at` that equals `answer` (collapsed), white space runs and ASCII case apart; 0 when it
// differs.
size_t MatchAt(std::string_view text, size_t at, std::string_view answer) {
  const size_t begin = at;
  for (size_t i = 0; i < answer.size(); ++i) {
    if (at >= text.size()) return 0;
    if (answer[i] == ' ') {
      if (!absl::ascii_isspace(text[at])) return 0;
      while (at < text.size() && absl::ascii_isspace(text[at])) ++at;
    } else if (Lower(text[at]) != Lower(answer[i])) {
      return 0;
    } else {
      ++at;
    }
  }
  if (at < text.size() && IsWordByte(text[at]) && IsWordByte(text[at - 1])) return 0;
  if (begin > 0 && IsWordByte(text[begin - 1]) && IsWordByte(text[begin])) return 0;
  return at - begin;
}

// The first match in [from, to), or an empty span.
v1::Span Find(std::string_view text, size_t from, size_t to, std::string_view answer) {
  v1::Span span;
  const char first[3] = {Lower(answer[0]), answer[0], '\0'};
  const char upper =
      Lower(answer[0]) >= 'a' && Lower(answer[0]) <= 'z' ? static_cast<char>(Lower(answer[0]) - 'a' + 'A') : first[0];
  for (size_t at = from; at < to; ++at) {
    if (text[at] != first[0] && text[at] != upper) continue;
    if (const size_t length = MatchAt(text, at, answer); length > 0 && at + length <= to) {
      span.set_begin(at);
      span.set_end(at + length);
      return span;
    }
  }
  return span;
}

bool IsInside(const v1::Span& span, size_t size) { return span.begin() < span.end() && span.end() <= size; }

// The paragraph line around the answer, at most 400 bytes each way, cut at sentence ends.
v1::Span SentenceAround(std::string_view text, const v1::Span& answer) {
  constexpr size_t kReach = 400;
  size_t begin = answer.begin();
  size_t end = answer.end();
  const auto is_end = [&](size_t at) {
    return text[at] == '.' && (at + 1 == text.size() || absl::ascii_isspace(text[at + 1]));
  };
  const auto is_gap = [&](size_t at) { return text[at] == '\n' && at + 1 < text.size() && text[at + 1] == '\n'; };
  while (begin > 0 && answer.begin() - begin < kReach && !is_end(begin - 1) && !is_gap(begin - 1)) --begin;
  while (end < text.size() && end - answer.end() < kReach && !is_end(end) && !is_gap(end)) ++end;
  if (end < text.size() && text[end] == '.') ++end;
  while (begin < answer.begin() &&
         (absl::ascii_isspace(text[begin]) || (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80))
    ++begin;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  v1::Span span;
  span.set_begin(begin);
  span.set_end(end);
  return span;
}

}  // namespace

bool CheckGrounded(const v1::Document& document, v1::QuestionAnswer& pair, std::string& detail) {
  const std::string_view text = document.text();
  const std::string answer = text::CollapseSpaces(pair.answer());
  if (answer.empty()) {
    detail = "the answer is empty";
    return false;
  }
  v1::Span found;
  if (IsInside(pair.answer_span(), text.size())) {
    const size_t length = MatchAt(text, pair.answer_span().begin(), answer);
    if (length == pair.answer_span().end() - pair.answer_span().begin()) found = pair.answer_span();
  }
  const bool has_evidence = IsInside(pair.evidence_span(), text.size());
  if (found.end() == 0 && has_evidence)
    found = Find(text, pair.evidence_span().begin(), pair.evidence_span().end(), answer);
  if (found.end() == 0) found = Find(text, 0, text.size(), answer);
  if (found.end() == 0) return false;
  *pair.mutable_answer_span() = found;
  const bool holds =
      has_evidence && pair.evidence_span().begin() <= found.begin() && found.end() <= pair.evidence_span().end();
  if (!holds) *pair.mutable_evidence_span() = SentenceAround(text, found);
  return true;
}

}  // namespace quern::verifier
