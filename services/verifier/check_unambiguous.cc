#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "common/text/lexicon.h"
#include "common/text/stem.h"
#include "common/text/tokens.h"
#include "services/verifier/checks.h"
#include "services/verifier/content_words.h"
#include "services/verifier/year.h"

namespace quern::verifier {
namespace {

// Documents are searched up to here for other values.
constexpr size_t kMaxSearchedBytes = 256 * 1024;
// Sentences about the question's rarest word that are looked at.
constexpr int kMaxSentences = 64;

// The sentence around `at`: from the last to the next full stop before white space, or a blank line.
std::pair<size_t, size_t> SentenceAround(std::string_view text, size_t at) {
  constexpr size_t kReach = 500;
  const auto is_end = [&](size_t i) {
    return (text[i] == '.' && (i + 1 == text.size() || absl::ascii_isspace(text[i + 1]))) ||
           (text[i] == '\n' && i > 0 && text[i - 1] == '\n');
  };
  size_t begin = at;
  while (begin > 0 && at - begin < kReach && !is_end(begin - 1)) --begin;
  size_t end = at;
  while (end < text.size() && end - at < kReach && !is_end(end)) ++end;
  return {begin, end};
}

// True when `token` could begin a value of the answer's type.
bool IsOfType(std::string_view text, const text::Token& token, v1::AnswerType type) {
  const std::string_view word = text::TokenText(text, token);
  switch (type) {
    case v1::ANSWER_TYPE_DATE:
      return IsYear(word);
    case v1::ANSWER_TYPE_NUMBER:
    case v1::ANSWER_TYPE_QUANTITY:
      return token.kind == text::TokenKind::kNumber && !IsYear(word);
    default:
      return false;
  }
}

// The longest word of the question that carries content: the rarest guess, cheap to search for.
std::string LongestWord(std::string_view question) {
  std::string longest;
  for (const text::Token& token : text::Tokenize(question, 512)) {
    if (token.kind == text::TokenKind::kPunct) continue;
    const std::string word(text::TokenText(question, token));
    if (text::Lexicon::English().IsClosed(text::LowerAscii(word)) && !token.all_caps) continue;
    if (word.size() > longest.size() && text::LowerAscii(word) != "year") longest = word;
  }
  return longest;
}

// A value of the answer's type in `sentence` that is neither in the question nor the answer; empty when there is none.
std::string OtherValue(std::string_view sentence, const std::string& question_lower, const v1::QuestionAnswer& pair) {
  if (sentence.find_first_of("0123456789") == std::string_view::npos) return "";
  for (const text::Token& token : text::Tokenize(sentence, 512)) {
    if (!IsOfType(sentence, token, pair.answer_type())) continue;
    const std::string_view word = text::TokenText(sentence, token);
    if (pair.answer().find(word) == std::string::npos &&
        question_lower.find(text::LowerAscii(word)) == std::string::npos) {
      return std::string(word);
    }
  }
  return "";
}

// True when `sentence` says everything that the question says.
bool SaysAll(std::string_view sentence, const std::vector<std::string>& wanted) {
  const std::vector<std::string> here = ContentStemsAmong(sentence, wanted);
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const std::string& stem) { return std::find(here.begin(), here.end(), stem) != here.end(); });
}

// The value that a conjunction or comma ties to the answer inside the evidence: "in 1990 and 1994", "by Ann Lee, Bo Li
// and Cy Ng".
std::string ListedValue(std::string_view text, const v1::QuestionAnswer& pair) {
  const size_t from = pair.answer_span().end();
  const size_t to = std::max<size_t>(from, std::min<size_t>(pair.evidence_span().end(), text.size()));
  const std::string_view after = text.substr(from, to - from);
  const std::vector<text::Token> tokens = text::Tokenize(after, 3);
  if (tokens.size() < 2) return "";
  const std::string first = text::LowerAscii(text::TokenText(after, tokens[0]));
  const bool joined = first == "or" || first == "and" || first == "/";
  const v1::AnswerType type = pair.answer_type();
  const text::Token& next =
      tokens[first == "," && tokens.size() > 2 && text::TokenText(after, tokens[1]) == "and" ? 2 : 1];
  const bool name_type = type == v1::ANSWER_TYPE_NAME || type == v1::ANSWER_TYPE_TERM;
  if (IsOfType(after, next, type) && (joined || first == ",")) return std::string(text::TokenText(after, next));
  if (name_type && joined && next.capitalised && &next == &tokens[1]) return std::string(text::TokenText(after, next));
  return "";
}

}  // namespace

bool CheckUnambiguous(const v1::Document& document, const v1::QuestionAnswer& pair, std::string& detail) {
  const std::string_view text = std::string_view(document.text()).substr(0, kMaxSearchedBytes);
  std::string other = ListedValue(document.text(), pair);
  const std::string anchor = LongestWord(pair.question());
  std::vector<std::string> wanted = ContentStems(pair.question());
  // Words that ask rather than say.
  for (const char* asking :
       {"year", "date", "month", "mani", "much", "name", "languag", "long", "tall", "high", "wide", "deep", "old"}) {
    std::erase(wanted, asking);
  }
  const std::string question_lower = text::LowerAscii(pair.question());
  // Values of other types (names, terms) cannot be told from other words; only lists give them away.
  const v1::AnswerType type = pair.answer_type();
  const bool searchable =
      type == v1::ANSWER_TYPE_DATE || type == v1::ANSWER_TYPE_NUMBER || type == v1::ANSWER_TYPE_QUANTITY;
  if (other.empty() && searchable && !anchor.empty() && wanted.size() >= 2) {
    size_t done = 0;
    int looked = 0;
    for (size_t at = text.find(anchor); at != std::string_view::npos && looked < kMaxSentences;
         at = text.find(anchor, at + 1)) {
      if (at < done) continue;
      const auto [begin, end] = SentenceAround(text, at);
      done = end;
      ++looked;
      // The evidence may hold other values (a birth beside a death); lists inside it were looked at above.
      if (begin < pair.answer_span().end() && pair.answer_span().begin() < end) continue;
      const std::string_view sentence = text.substr(begin, end - begin);
      const std::string value = OtherValue(sentence, question_lower, pair);
      if (value.empty() || !SaysAll(sentence, wanted)) continue;
      other = value;
      break;
    }
  }
  if (other.empty()) return true;
  detail = "another value fits";
  return false;
}

}  // namespace quern::verifier
