#include "services/persona/words.h"

#include <algorithm>
#include <array>

#include "common/base/hash.h"

namespace quern::persona {
namespace {

constexpr size_t kMinBytes = 2;
constexpr size_t kMaxBytes = 24;

// What the scan does with each byte: 0 ends a word; a letter is what it counts as.
constexpr std::array<char, 256> MakeLetters() {
  std::array<char, 256> letters{};
  for (int c = 'a'; c <= 'z'; ++c) letters[c] = letters[c - 'a' + 'A'] = static_cast<char>(c);
  for (int c = 0x80; c <= 0xFF; ++c) letters[c] = static_cast<char>(c);
  // Leads of U+0080-00BF and U+2000-2FFF, which are punctuation and symbols.
  letters[0xC2] = letters[0xE2] = 0;
  return letters;
}
constexpr std::array<char, 256> kLetters = MakeLetters();

// Bytes that a separator beginning with `lead` takes.
size_t SeparatorBytes(unsigned char lead) { return lead == 0xC2 ? 2 : lead == 0xE2 ? 3 : 1; }

// Turns an English plural into its singular, roughly: what matters is that sources and documents agree.
std::string_view Singular(char* word, size_t size) {
  const std::string_view w(word, size);
  if (size < 4 || !w.ends_with('s') || w.ends_with("ss") || w.ends_with("us") || w.ends_with("is")) return w;
  if (size > 4 && w.ends_with("ies")) {
    word[size - 3] = 'y';
    return w.substr(0, size - 2);
  }
  for (const std::string_view ending : {"xes", "ches", "shes", "sses", "zes"}) {
    if (w.ends_with(ending)) return w.substr(0, size - 2);
  }
  return w.substr(0, size - 1);
}

// Calls `found` with the key of each word.
template <typename Found>
void Scan(std::string_view text, Found found) {
  char word[kMaxBytes];
  size_t size = 0;
  const auto end_word = [&] {
    if (size >= kMinBytes && size <= kMaxBytes) found(KeyOf(Singular(word, size)));
    size = 0;
  };
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (const char letter = kLetters[c]; letter != 0) {
      if (size < kMaxBytes) word[size] = letter;
      ++size;
      ++i;
    } else {
      end_word();
      i += SeparatorBytes(c);
    }
  }
  end_word();
}

}  // namespace

WordKey KeyOf(std::string_view word) { return Hash64(word); }

void CountWords(std::string_view text, uint32_t weight, WordCounts& counts) {
  Scan(text, [&](WordKey key) { counts[key] += weight; });
}

std::vector<WordKey> KeysOf(std::string_view text) {
  std::vector<WordKey> keys;
  Scan(text, [&](WordKey key) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  });
  return keys;
}

}  // namespace quern::persona
