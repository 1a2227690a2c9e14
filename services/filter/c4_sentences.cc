#include "services/filter/c4_sentences.h"

#include <algorithm>
#include <array>

namespace quern::filter {
namespace {

constexpr std::array<std::string_view, 22> kAbbreviations = {"Mr", "Mrs", "Ms",  "Dr",  "Prof", "St", "vs",  "etc",
                                                             "cf", "al",  "Fig", "fig", "No",   "no", "Inc", "Ltd",
                                                             "Co", "ca",  "pp",  "eq",  "Eq",   "Sr"};

bool IsFullWidthEnd(std::string_view mark) {
  return mark.starts_with("\u3002") || mark.starts_with("\uFF01") || mark.starts_with("\uFF1F");
}

bool EndsSentence(std::string_view mark) {
  return mark[0] == '.' || mark[0] == '?' || mark[0] == '!' || IsFullWidthEnd(mark);
}

// "J", "e.g", "U.S" and the list above.
bool IsAbbreviation(std::string_view word) {
  if (word.size() == 1) return word[0] < '0' || word[0] > '9';
  if (word.size() == 3 && word[1] == '.') return true;
  return std::find(kAbbreviations.begin(), kAbbreviations.end(), word) != kAbbreviations.end();
}

bool MayOpenSentence(char first) { return first < 'a' || first > 'z'; }

}  // namespace

uint64_t CountSentences(std::string_view text, std::span<const text::WordToken> tokens) {
  const auto view = [&](const text::WordToken& token) { return text.substr(token.begin, token.end - token.begin); };
  uint64_t sentences = 0;
  bool ended = true;
  std::string_view word;
  for (const text::WordToken& token : tokens) {
    const std::string_view current = view(token);
    if (token.is_word) {
      if (ended && (sentences == 0 || MayOpenSentence(current[0]))) ++sentences;
      ended = false;
      word = current;
    } else if (EndsSentence(current)) {
      ended = current != "." || !IsAbbreviation(word);
    }
  }
  return std::max<uint64_t>(sentences, tokens.empty() ? 0 : 1);
}

}  // namespace quern::filter
