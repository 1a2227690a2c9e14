#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/persona/domains.h"
#include "services/persona/words.h"

namespace quern::persona {

// What the classifier thinks of a text.
struct DomainGuess {
  // Index into kDomains of the most probable domain.
  size_t best = kOther;
  // Probability of each domain; they sum to 1. All equal where no word is known.
  std::array<double, kDomains.size()> probability{};
};

// Tells the domain of an English text by its words: a naive Bayes classifier over word presence with damped counts,
// whose log-odds are data (see data/README.md). Immutable, so thread-safe.
class DomainClassifier {
 public:
  // Reads weights as tools/make-domain-weights writes them: per line a word, a tab and one letter per domain. Fails
  // with DATA_LOSS, reason BAD_DOMAIN_WEIGHTS, and the line's number.
  static absl::StatusOr<DomainClassifier> FromWeights(std::string_view tsv);

  // Classifies a text by its words. Unknown words count as nothing.
  DomainGuess Classify(const WordCounts& words) const;

  size_t features() const { return index_.size(); }

 private:
  using Row = std::array<int8_t, kDomains.size()>;

  absl::flat_hash_map<WordKey, uint32_t> index_;
  std::vector<Row> rows_;
};

}  // namespace quern::persona
