#include "common/text/ngrams.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>

namespace quern::text {

uint64_t HashToken(std::string_view token) { return XXH3_64bits(token.data(), token.size()); }

HashCounter::HashCounter(size_t insertions)
    : slots_(std::bit_ceil(std::max<size_t>(2 * insertions, 2))),
      shift_(64 - static_cast<uint32_t>(std::countr_zero(slots_.size()))) {}

size_t HashCounter::Find(uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = (hash * 0x9E3779B97F4A7C15) >> shift_;
  while (slots_[slot].count != 0 && slots_[slot].hash != hash) slot = (slot + 1) & mask;
  return slot;
}

size_t HashCounter::AddAt(uint64_t hash) {
  const size_t slot = Find(hash);
  slots_[slot].hash = hash;
  ++slots_[slot].count;
  return slot;
}

uint32_t HashCounter::Add(uint64_t hash) { return CountAt(AddAt(hash)) - 1; }

std::vector<Ngram> Unigrams(std::span<const uint64_t> tokens) {
  std::vector<Ngram> ngrams;
  ngrams.reserve(tokens.size());
  for (uint32_t i = 0; i < tokens.size(); ++i) ngrams.push_back({i, tokens[i]});
  return ngrams;
}

void ExtendNgrams(std::span<const uint64_t> tokens, uint32_t length, std::vector<Ngram>& ngrams) {
  while (!ngrams.empty() && ngrams.back().first + length >= tokens.size()) ngrams.pop_back();
  for (Ngram& ngram : ngrams) ngram.hash = ExtendHash(ngram.hash, tokens[ngram.first + length]);
}

FrequentNgram KeepRepeated(std::vector<Ngram>& ngrams) {
  HashCounter counter(ngrams.size());
  std::vector<uint32_t> slots(ngrams.size());
  for (size_t i = 0; i < ngrams.size(); ++i) slots[i] = static_cast<uint32_t>(counter.AddAt(ngrams[i].hash));
  FrequentNgram top;
  size_t kept = 0;
  for (size_t i = 0; i < ngrams.size(); ++i) {
    const uint32_t count = counter.CountAt(slots[i]);
    if (count > top.count) top = {ngrams[i].first, count};
    if (count > 1) ngrams[kept++] = ngrams[i];
  }
  ngrams.resize(kept);
  return top;
}

}  // namespace quern::text
