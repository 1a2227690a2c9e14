#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

constexpr size_t kMaxKeyBytes = 40;
constexpr size_t kMaxValueBytes = 40;

struct Field {
  std::string_view key;
  size_t value_begin = 0;
  size_t value_end = 0;
};

// The "Key: value" of the line [begin, end), if it is one: a key of one to three lower-case nouns (first letter apart),
// a short value.
std::optional<Field> ParseField(std::string_view text, size_t begin, size_t end) {
  const std::string_view line = text.substr(begin, end - begin);
  const size_t colon = line.find(": ");
  if (colon == std::string_view::npos || colon == 0 || colon > kMaxKeyBytes) return std::nullopt;
  Field field{line.substr(0, colon), begin + colon + 2, end};
  while (field.value_end > field.value_begin && (text[field.value_end - 1] == ' ' || text[field.value_end - 1] == '\r'))
    --field.value_end;
  if (field.value_end == field.value_begin || field.value_end - field.value_begin > kMaxValueBytes) return std::nullopt;
  // "(256)", "?" and "n/a" are remarks, no values.
  const std::vector<text::Token> first =
      text::Tokenize(text.substr(field.value_begin, field.value_end - field.value_begin), 1);
  if (first.empty() || first.front().kind == text::TokenKind::kPunct) return std::nullopt;
  const std::vector<text::Token> tokens = text::Tokenize(field.key, 4);
  if (tokens.empty() || tokens.size() > 3) return std::nullopt;
  for (const text::Token& token : tokens) {
    const std::string_view word = text::TokenText(field.key, token);
    const uint32_t classes = text::Lexicon::English().Classes(text::LowerAscii(word));
    if (token.kind != text::TokenKind::kWord || (classes & (text::kNoun | text::kAdjective)) == 0) return std::nullopt;
    if ((classes & text::kClosed) != 0 || (token.begin > 0 && token.capitalised)) return std::nullopt;
  }
  return field;
}

bool IsSingularNoun(std::string_view key) {
  const size_t space = key.rfind(' ');
  const std::string last = text::LowerAscii(space == std::string_view::npos ? key : key.substr(space + 1));
  const text::Lexicon& lexicon = text::Lexicon::English();
  return (lexicon.Classes(last) & text::kNoun) != 0 && !lexicon.IsPlural(last);
}

// Keys of lines that inform about the document rather than its topic.
bool IsAboutDocument(const std::string& key) {
  for (const std::string_view word :
       {"note", "see", "example", "warning", "tip", "caution", "important", "version", "usage", "url", "homepage",
        "default", "date", "author", "title", "subject", "source", "type", "name"}) {
    if (key == word) return true;
  }
  return false;
}

Candidate FieldCandidate(const Topic& topic, std::string_view text, const Field& field, size_t line) {
  Candidate candidate;
  const std::string key = text::LowerAscii(field.key);
  const std::string_view value = text.substr(field.value_begin, field.value_end - field.value_begin);
  candidate.question = "What is the " + key + " of " + TopicText(topic) + "?";
  candidate.answer = std::string(value);
  const bool digits = value.find_first_not_of("0123456789.,") == std::string_view::npos;
  candidate.type = digits                                      ? v1::ANSWER_TYPE_NUMBER
                   : value.find(' ') == std::string_view::npos ? v1::ANSWER_TYPE_NAME
                                                               : v1::ANSWER_TYPE_TERM;
  candidate.answer_span.set_begin(field.value_begin);
  candidate.answer_span.set_end(field.value_end);
  candidate.evidence_span.set_begin(static_cast<uint64_t>(field.key.data() - text.data()));
  candidate.evidence_span.set_end(field.value_end);
  candidate.rule = "field";
  candidate.score = 0.88;
  candidate.sentence = line;
  return candidate;
}

}  // namespace

void AskFields(const Topic& topic, std::string_view text, std::vector<Candidate>& out) {
  // Fields of a named thing stand at the head of its document, two or more in a row.
  if (topic.words.empty() || topic.words.size() > 3) return;
  std::vector<Candidate> found;
  size_t at = 0;
  for (size_t line = 0; line < 40 && at < text.size(); ++line) {
    const size_t newline = std::min(text.find('\n', at), text.size());
    if (const std::optional<Field> field = ParseField(text, at, newline)) {
      const std::string key = text::LowerAscii(field->key);
      if (IsSingularNoun(field->key) && !IsAboutDocument(key))
        found.push_back(FieldCandidate(topic, text, *field, 1000000 + line));
    } else if (!found.empty()) {
      break;
    }
    at = newline + 1;
  }
  if (found.size() < 2) return;
  out.insert(out.end(), found.begin(), found.end());
}

}  // namespace quern::generator
