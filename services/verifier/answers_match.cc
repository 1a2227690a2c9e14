#include "services/verifier/answers_match.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace quern::verifier {
namespace {

struct AnswerToken {
  std::string word;
  bool number = false;
  double value = 0;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Letters of any language: bytes beyond ASCII belong to a word.
bool IsAnswerByte(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || (c & 0x80) != 0; }

// Whether the comma at `at` parts thousands: "1,200", but neither "3,14" nor "1,2,3".
bool PartsThousands(std::string_view text, size_t at) {
  size_t digits = 0;
  while (at + 1 + digits < text.size() && IsDigit(text[at + 1 + digits])) ++digits;
  return digits == 3;
}

// Reads "-1,234.5" at `at`: a sign counts only where no word or number stands before it.
AnswerToken TakeNumber(std::string_view text, size_t* at) {
  std::string digits;
  const bool negative = *at > 0 && text[*at - 1] == '-' && (*at == 1 || !IsAnswerByte(text[*at - 2]));
  while (*at < text.size()) {
    const char c = text[*at];
    const bool more = *at + 1 < text.size() && IsDigit(text[*at + 1]);
    if (IsDigit(c)) {
      digits.push_back(c);
    } else if (c == '.' && more && digits.find('.') == std::string::npos) {
      digits.push_back(c);
    } else if (c != ',' || !PartsThousands(text, *at)) {
      break;
    }
    ++*at;
  }
  AnswerToken token;
  token.number = absl::SimpleAtod(digits, &token.value);
  if (negative) token.value = -token.value;
  token.word = digits;
  return token;
}

std::vector<AnswerToken> TokensOfAnswer(std::string_view text) {
  std::vector<AnswerToken> tokens;
  size_t at = 0;
  while (at < text.size()) {
    if (IsDigit(text[at])) {
      tokens.push_back(TakeNumber(text, &at));
      continue;
    }
    if (text[at] == '%') {
      tokens.push_back({"percent", false, 0});
      ++at;
      continue;
    }
    if (!IsAnswerByte(text[at])) {
      ++at;
      continue;
    }
    std::string word;
    while (at < text.size() && IsAnswerByte(text[at]) && !IsDigit(text[at])) {
      word.push_back(absl::ascii_tolower(static_cast<unsigned char>(text[at++])));
    }
    if (word != "a" && word != "an" && word != "the") tokens.push_back({word, false, 0});
  }
  return tokens;
}

}  // namespace

bool AnswersMatch(std::string_view a, std::string_view b) {
  if (a == b) return !a.empty();
  const std::vector<AnswerToken> left = TokensOfAnswer(a);
  const std::vector<AnswerToken> right = TokensOfAnswer(b);
  if (left.empty() || left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i].number != right[i].number) return false;
    if (left[i].number ? left[i].value != right[i].value : left[i].word != right[i].word) return false;
  }
  return true;
}

}  // namespace quern::verifier
