#include "services/verifier/contamination_index.h"

#include <algorithm>
#include <bit>

#include "common/base/hash.h"
#include "services/verifier/plain_words.h"

namespace quern::verifier {

void ContaminationIndex::MakeBuckets() {
  // Two to four hashes a bucket.
  const size_t buckets = std::max<size_t>(2, std::bit_floor(hashes_.size()) / 2);
  shift_ = 64 - static_cast<uint32_t>(std::countr_zero(buckets));
  buckets_.reserve(buckets + 1);
  for (size_t i = 0; i < hashes_.size(); ++i) {
    while (buckets_.size() <= Bucket(hashes_[i])) buckets_.push_back(static_cast<uint32_t>(i));
  }
  buckets_.resize(buckets + 1, static_cast<uint32_t>(hashes_.size()));
}

std::optional<uint32_t> ContaminationIndex::Position(std::string_view ngram) const {
  const uint64_t hash = Hash64(ngram);
  const size_t bucket = Bucket(hash);
  for (uint32_t i = buckets_[bucket]; i < buckets_[bucket + 1]; ++i) {
    if (hashes_[i] != hash) continue;
    const std::string_view from = std::string_view(words_).substr(positions_[i]);
    // A space or line feed follows where the last word is whole.
    const bool whole = from.size() > ngram.size() && (from[ngram.size()] == ' ' || from[ngram.size()] == '\n');
    if (whole && from.starts_with(ngram)) return positions_[i];
  }
  return std::nullopt;
}

std::optional<Contamination> ContaminationIndex::Find(std::string_view question) const {
  const std::string words = PlainWords(question);
  std::vector<uint32_t> begins;
  FindWordBegins(words, &begins);
  const size_t count = begins.size() - 1;
  if (count == 0) return std::nullopt;
  const size_t length = count >= ngram_words_ ? ngram_words_ : std::min(count, short_ngram_words_);
  for (size_t first = 0; first + length < begins.size(); ++first) {
    const std::string_view ngram =
        std::string_view(words).substr(begins[first], begins[first + length] - 1 - begins[first]);
    const auto position = Position(ngram);
    if (!position) continue;
    const auto text = std::prev(std::upper_bound(texts_.begin(), texts_.end(), *position,
                                                 [](uint32_t at, const Text& t) { return at < t.begin; }));
    return Contamination{sets_[text->set], text->entry, std::string(ngram)};
  }
  return std::nullopt;
}

}  // namespace quern::verifier
