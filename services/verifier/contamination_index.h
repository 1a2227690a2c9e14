#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/verifier/options.h"

namespace quern::verifier {

// A row of words that a question shares with an entry of an evaluation set.
struct Contamination {
  std::string set;
  // The number of the entry's line in the set's file, from 1. Of several entries, the first.
  uint64_t entry = 0;
  // The words as PlainWords writes them: a part of the question, or all of it.
  std::string words;
};

// The n-grams of evaluation sets, for finding questions that stand in them; see DecontaminationSpec for what counts.
//
// Exact: a hit on the 64-bit hash is compared with the entry's own words, so no question is accused by a collision. Of
// two different n-grams with one hash only the first is kept, which hides the other: of the 10 million n-grams of a
// large set, some pair collides with a probability of 3 in a million.
//
// 12 bytes an n-gram (8 of hash, 4 of position), 1 to 2 of buckets, and the words themselves. An entry of w words has
// almost 2w n-grams: 100,000 entries of 40 words take 115 MB, and 210 MB while they are indexed (16 bytes an n-gram
// more). Thread-safe: immutable.
class ContaminationIndex {
 public:
  class Builder;

  // The first row of words of `question` that stands in an entry; nothing when there is none. 2 to 4 microseconds
  // for 20 words.
  std::optional<Contamination> Find(std::string_view question) const;

  // N-grams that are kept.
  size_t size() const { return hashes_.size(); }

 private:
  // One string of an entry; its words stand in words_ from `begin` on, ended by a line feed.
  struct Text {
    uint32_t begin;
    uint32_t set;
    uint64_t entry;
  };

  ContaminationIndex(size_t ngram_words, size_t short_ngram_words)
      : ngram_words_(ngram_words), short_ngram_words_(short_ngram_words) {}

  void MakeBuckets();
  // Where `ngram` stands in words_.
  std::optional<uint32_t> Position(std::string_view ngram) const;
  size_t Bucket(uint64_t hash) const { return hash >> shift_; }

  const size_t ngram_words_;
  const size_t short_ngram_words_;
  std::vector<std::string> sets_;
  // Sorted by begin.
  std::vector<Text> texts_;
  std::string words_;
  // Sorted; positions_[i] is where the n-gram of hashes_[i] begins in words_.
  std::vector<uint64_t> hashes_;
  std::vector<uint32_t> positions_;
  // buckets_[b] is the first index of a hash whose leading bits are b or more, so that a look-up reads a few
  // neighbours.
  std::vector<uint32_t> buckets_;
  uint32_t shift_ = 63;
};

// Reads the sets of `options` and indexes them. Errors: those of ReadEvaluationSet, with the path
// "verifier.decontamination.sets[i]"; also INVALID_SPEC when a set holds no word, or all sets more than 256 MiB of
// words. Blocking: about a second for 100,000 questions.
absl::StatusOr<std::shared_ptr<const ContaminationIndex>> LoadContaminationIndex(const Decontamination& options);

}  // namespace quern::verifier
