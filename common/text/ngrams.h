#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace quern::text {

// 64-bit XXH3 of a token's bytes: equal for equal tokens, different for others but once in 2^64 pairs.
uint64_t HashToken(std::string_view token);

// Hash of an n-gram from the hash of its first n-1 tokens and that of its last: order matters.
inline uint64_t ExtendHash(uint64_t prefix, uint64_t last) {
  uint64_t mixed = (prefix ^ 0x9E3779B97F4A7C15) * 0xD6E8FEB86659FD93;
  mixed ^= mixed >> 32;
  return (mixed + last) * 0xD6E8FEB86659FD93;
}

// Counts 64-bit hashes. Made for a known number of insertions, of which each takes constant time on average.
// Not thread-safe.
class HashCounter {
 public:
  // At most `insertions` calls of Add may follow.
  explicit HashCounter(size_t insertions);

  // Counts one occurrence; returns how many there were before.
  uint32_t Add(uint64_t hash);

  // The same, but returns the slot that counts `hash`, which stays where it is.
  size_t AddAt(uint64_t hash);
  uint32_t CountAt(size_t slot) const { return slots_[slot].count; }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t count = 0;
  };

  size_t Find(uint64_t hash) const;

  std::vector<Slot> slots_;
  uint32_t shift_;
};

// An n-gram of tokens: where it begins, counted in tokens, and the hash of its tokens.
struct Ngram {
  uint32_t first;
  uint64_t hash;
};

// All 1-grams of a text, given its tokens' hashes.
std::vector<Ngram> Unigrams(std::span<const uint64_t> tokens);

// The (n+1)-grams that begin where the given n-grams do and end inside the text, for n = `length`.
void ExtendNgrams(std::span<const uint64_t> tokens, uint32_t length, std::vector<Ngram>& ngrams);

// The n-gram that occurs most often; the earlier one of equals.
struct FrequentNgram {
  uint32_t first = 0;
  // 0 where there is no n-gram at all.
  uint32_t count = 0;
};

// Keeps of `ngrams` (in text order) those that occur more than once and returns the most frequent. Since an (n+1)-gram
// can only repeat where its n-gram does, the rest need not be looked at for any longer n.
FrequentNgram KeepRepeated(std::vector<Ngram>& ngrams);

}  // namespace quern::text
