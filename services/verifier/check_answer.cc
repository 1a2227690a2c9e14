#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/base/enum_text.h"
#include "common/text/lexicon.h"
#include "common/text/tokens.h"
#include "services/verifier/checks.h"
#include "services/verifier/content_words.h"
#include "services/verifier/year.h"

namespace quern::verifier {
namespace {

v1::AnswerType TypeOf(std::string_view answer) {
  const std::vector<text::Token> tokens = text::Tokenize(answer, 64);
  const std::string lower = text::LowerAscii(answer);
  if (lower == "yes" || lower == "no") return v1::ANSWER_TYPE_BOOLEAN;
  bool number = false;
  bool month = false;
  bool year = false;
  size_t words = 0;
  size_t names = 0;
  for (const text::Token& token : tokens) {
    const std::string_view word = text::TokenText(answer, token);
    number |= token.kind == text::TokenKind::kNumber;
    year |= IsYear(word);
    month |= (text::Lexicon::English().Classes(word) & text::kMonth) != 0;
    if (token.kind == text::TokenKind::kWord) ++words;
    if (token.kind == text::TokenKind::kWord && token.capitalised) ++names;
  }
  if (year && (words == 0 || month) && tokens.size() <= 4) return v1::ANSWER_TYPE_DATE;
  if (number && words == 0) return tokens.size() == 1 ? v1::ANSWER_TYPE_NUMBER : v1::ANSWER_TYPE_QUANTITY;
  if (!tokens.empty() && tokens.front().kind == text::TokenKind::kNumber) return v1::ANSWER_TYPE_QUANTITY;
  if (names > 0 && 2 * names >= words) return v1::ANSWER_TYPE_NAME;
  return words <= 4 ? v1::ANSWER_TYPE_TERM : v1::ANSWER_TYPE_PHRASE;
}

// True when the tokens of `part` stand in a row in `whole`, case apart.
bool HoldsTokens(std::string_view whole, std::string_view part) {
  const auto words = [](std::string_view text) {
    std::vector<std::string_view> result;
    for (const text::Token& token : text::Tokenize(text, 4096)) {
      if (token.kind != text::TokenKind::kPunct) result.push_back(text::TokenText(text, token));
    }
    return result;
  };
  const std::vector<std::string_view> haystack = words(whole);
  const std::vector<std::string_view> needle = words(part);
  const auto same = [](std::string_view a, std::string_view b) {
    return absl::EqualsIgnoreCase(AbslView(a), AbslView(b));
  };
  return !needle.empty() &&
         std::search(haystack.begin(), haystack.end(), needle.begin(), needle.end(), same) != haystack.end();
}

// A name that is part of another word gives it away, too: Interlisp is a dialect of Lisp. Shorter answers stand in many
// words by chance.
bool StandsInAWord(std::string_view question, std::string_view answer) {
  constexpr size_t kShortestName = 4;
  return answer.size() >= kShortestName && answer.find(' ') == std::string_view::npos &&
         text::LowerAscii(question).find(text::LowerAscii(answer)) != std::string::npos;
}

}  // namespace

bool CheckAnswerTyped(v1::QuestionAnswer& pair, std::string& detail) {
  bool content = false;
  for (const text::Token& token : text::Tokenize(pair.answer(), 64)) content |= token.kind != text::TokenKind::kPunct;
  if (!content) return false;
  if (pair.answer_type() == v1::ANSWER_TYPE_UNSPECIFIED) pair.set_answer_type(TypeOf(pair.answer()));
  detail = EnumText(*v1::AnswerType_descriptor(), pair.answer_type());
  return true;
}

bool CheckNotLeaked(const v1::QuestionAnswer& pair, double max_leaked_share, std::string& detail) {
  if (HoldsTokens(pair.question(), pair.answer()) || StandsInAWord(pair.question(), pair.answer())) {
    detail = "the whole answer";
    return false;
  }
  const std::vector<std::string> answer = ContentStems(pair.answer());
  if (answer.empty()) return true;
  const std::vector<std::string> question = ContentStemsAmong(pair.question(), answer);
  size_t leaked = 0;
  for (const std::string& stem : answer)
    leaked += std::find(question.begin(), question.end(), stem) != question.end() ? 1 : 0;
  const double share = static_cast<double>(leaked) / static_cast<double>(answer.size());
  detail = absl::StrFormat("%d of %d content words", leaked, answer.size());
  return leaked < answer.size() && share <= max_leaked_share;
}

}  // namespace quern::verifier
