#include "tests/bench/filter/prose_generator.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <random>
#include <string_view>
#include <vector>

namespace quern::bench {
namespace {

constexpr size_t kVocabulary = 20'000;

// The most frequent English words, in the order of their frequency.
constexpr std::string_view kHead[] = {"the", "of",  "and",  "to",   "in",   "a",     "is",  "that", "for", "it",
                                      "as",  "was", "with", "be",   "by",   "on",    "not", "he",   "his", "but",
                                      "at",  "are", "this", "have", "from", "which", "or",  "had",  "an",  "they"};

std::string InventWord(std::mt19937_64& random) {
  static constexpr std::string_view kOnsets[] = {"b", "c", "d", "f", "g", "h",  "l",  "m",
                                                 "n", "p", "r", "s", "t", "st", "tr", "v"};
  static constexpr std::string_view kRests[] = {"a",  "e",  "i",  "o",  "u",   "an", "er",
                                                "in", "on", "at", "es", "ion", "al", "ea"};
  std::string word;
  for (auto syllables = 1 + random() % 4; syllables > 0; --syllables) {
    word += kOnsets[random() % std::size(kOnsets)];
    word += kRests[random() % std::size(kRests)];
  }
  return word;
}

std::vector<std::string> MakeVocabulary(std::mt19937_64& random) {
  std::vector<std::string> words(std::begin(kHead), std::end(kHead));
  while (words.size() < kVocabulary) words.push_back(InventWord(random));
  return words;
}

std::discrete_distribution<size_t> ZipfDistribution() {
  std::vector<double> weights;
  for (size_t rank = 1; rank <= kVocabulary; ++rank) weights.push_back(1.0 / (static_cast<double>(rank) + 2.7));
  return {weights.begin(), weights.end()};
}

}  // namespace

std::string GenerateProse(size_t bytes, uint64_t seed) {
  std::mt19937_64 random(seed);
  const std::vector<std::string> vocabulary = MakeVocabulary(random);
  auto rank = ZipfDistribution();
  std::string text;
  while (text.size() < bytes) {
    for (auto sentences = 2 + random() % 5; sentences > 0; --sentences) {
      const auto words = 8 + random() % 23;
      for (uint64_t i = 0; i < words; ++i) {
        std::string word = random() % 40 == 0 ? std::to_string(random() % 2000) : vocabulary[rank(random)];
        if (i == 0) word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
        text += word;
        if (i + 1 < words) text += random() % 12 == 0 ? ", " : " ";
      }
      text += sentences > 1 ? ". " : ".\n\n";
    }
  }
  return text;
}

}  // namespace quern::bench
