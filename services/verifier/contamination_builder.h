#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/verifier/contamination_index.h"

namespace quern::verifier {

// Collects the texts of evaluation sets and makes the index of their n-grams. Not thread-safe.
class ContaminationIndex::Builder {
 public:
  // An n-gram that stands in more entries of one set than this is a manner of speaking, not a question of that set, and
  // is not counted for it. GPT-3 (arXiv 2005.14165, appendix C) and lm-evaluation-harness draw the line there, too, but
  // count training documents.
  static constexpr size_t kMaxEntries = 10;
  // Most bytes of words in one index: positions are 32 bits wide, and a file named by mistake must not eat the memory.
  static constexpr size_t kMaxWordsBytes = 256 << 20;

  Builder(size_t ngram_words, size_t short_ngram_words);

  // The texts that follow belong to the set of this name.
  void BeginSet(std::string name);

  // Adds a text of `entry`; texts of one entry come one after another. False: the index is full, nothing was added.
  bool Add(uint64_t entry, std::string_view text);

  // Texts with words that the last set has so far.
  size_t texts_in_set() const { return texts_in_set_; }

  // The index of everything that was added; ends the builder's use.
  std::shared_ptr<const ContaminationIndex> Build();

 private:
  struct Record {
    uint64_t hash;
    uint32_t position;
    // Into texts_.
    uint32_t text;
  };

  // The rows of `length` words of a text whose words begin at begins_.
  void AddNgrams(uint32_t text, size_t length);
  void AddNgramsOfTexts();
  // Sorts the records of one part, and moves those that count to the index.
  void Keep(std::vector<Record> records);
  // The first of `records`, which are those of one hash, whose set does not have it all over; nothing for none.
  std::optional<Record> FirstTelling(std::span<const Record> records) const;

  std::shared_ptr<ContaminationIndex> index_;
  // By the hash's first byte, so that each is sorted in the processor's cache. Empty until Build.
  std::array<std::vector<Record>, 256> parts_;
  // Where the words of the text in hand begin.
  std::vector<uint32_t> begins_;
  size_t texts_in_set_ = 0;
  // About how many n-grams there will be.
  size_t expected_ngrams_ = 0;
};

}  // namespace quern::verifier
