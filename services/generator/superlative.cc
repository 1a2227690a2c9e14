#include "services/generator/superlative.h"

#include "services/generator/word_list.h"

namespace quern::generator {

bool IsSuperlative(const Sentence& sentence, size_t at) {
  const Word& word = sentence[at];
  if (word.lower == "most" || word.lower == "least") return sentence[at + 1].Is(text::kAdjective | text::kVerb);
  if (word.lower == "best" || word.lower == "worst") return true;
  if (word.lower.size() < 5 || word.lower.substr(word.lower.size() - 3) != "est") return false;
  const std::string stem = word.lower.substr(0, word.lower.size() - 3);
  const text::Lexicon& lexicon = text::Lexicon::English();
  const auto adjective = [&](const std::string& base) { return (lexicon.Classes(base) & text::kAdjective) != 0; };
  return adjective(stem) || adjective(stem + "e") || (stem.size() > 2 && adjective(stem.substr(0, stem.size() - 1))) ||
         (stem.back() == 'i' && adjective(stem.substr(0, stem.size() - 1) + "y"));
}

bool IsOrdinal(std::string_view word) {
  static constexpr std::string_view kOrdinals[] = {"first", "second",  "third",  "fourth", "fifth",
                                                   "sixth", "seventh", "eighth", "ninth",  "tenth"};
  return OneOf(word, kOrdinals);
}

}  // namespace quern::generator
