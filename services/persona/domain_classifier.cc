#include "services/persona/domain_classifier.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::persona {
namespace {

// One step of a stored weight in nats, and the letter of weight 0: STEP and stored() of tools/make-domain-weights.
constexpr double kStep = 0.125;
constexpr char kZero = 'Y';
constexpr int kClip = 24;

// Words of a text are not independent, so their evidence grows slower than their number: the log-odds are divided by
// kDamping × √words. The value makes the mean confidence equal the accuracy on the development documents
// (docs/quality/domains.md).
constexpr double kDamping = 1.2;

// Fixed point: what one occurrence of a word counts.
constexpr int64_t kUnit = 1024;

// A word's evidence, in units of 1/kUnit, for `count` occurrences: 1 + ln(count).
int64_t DampedCount(uint32_t count) { return count <= 1 ? kUnit : kUnit + std::lround(kUnit * std::log(count)); }

absl::Status BadWeights(size_t number, std::string_view why) {
  return MakeError(absl::StatusCode::kDataLoss, "BAD_DOMAIN_WEIGHTS",
                   absl::StrFormat("domain weights, line %d: %s", number, why));
}

}  // namespace

absl::StatusOr<DomainClassifier> DomainClassifier::FromWeights(std::string_view tsv) {
  DomainClassifier classifier;
  for (size_t number = 1; !tsv.empty(); ++number) {
    const size_t end = std::min(tsv.find('\n'), tsv.size());
    const std::string_view line = tsv.substr(0, end);
    tsv.remove_prefix(std::min(end + 1, tsv.size()));
    const size_t tab = line.find('\t');
    if (tab == std::string_view::npos || tab == 0) return BadWeights(number, "no word before a tab");
    const std::string_view letters = line.substr(tab + 1);
    if (letters.size() != kDomains.size()) return BadWeights(number, "one letter per domain expected");
    Row row;
    for (size_t d = 0; d < row.size(); ++d) {
      const int steps = letters[d] - kZero;
      if (std::abs(steps) > kClip) return BadWeights(number, "weight out of range");
      row[d] = static_cast<int8_t>(steps);
    }
    if (!classifier.index_.emplace(KeyOf(line.substr(0, tab)), classifier.rows_.size()).second) {
      return BadWeights(number, "word given twice");
    }
    classifier.rows_.push_back(row);
  }
  return classifier;
}

DomainGuess DomainClassifier::Classify(const WordCounts& words) const {
  // Sums of integers, so that the order in which a hash map yields the words changes nothing.
  std::array<int64_t, kDomains.size()> score{};
  int64_t mass = 0;
  for (const auto& [key, count] : words) {
    const auto found = index_.find(key);
    if (found == index_.end()) continue;
    const int64_t weight = DampedCount(count);
    const Row& row = rows_[found->second];
    for (size_t d = 0; d < row.size(); ++d) score[d] += weight * row[d];
    mass += weight;
  }
  DomainGuess guess;
  guess.best = std::max_element(score.begin(), score.end()) - score.begin();
  const double scale = mass > 0 ? kStep / (kDamping * std::sqrt(kUnit * mass)) : 0.0;
  for (size_t d = 0; d < score.size(); ++d) {
    guess.probability[d] = std::exp(scale * static_cast<double>(score[d] - score[guess.best]));
  }
  const double sum = std::accumulate(guess.probability.begin(), guess.probability.end(), 0.0);
  for (double& p : guess.probability) p /= sum;
  if (mass == 0) guess.best = kOther;
  return guess;
}

}  // namespace quern::persona
