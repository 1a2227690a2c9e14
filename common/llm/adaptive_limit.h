#pragma once

#include <algorithm>
#include <cstddef>

#include "absl/time/time.h"

namespace quern::llm {

// How many calls an endpoint is given at once: additive increase, multiplicative decrease. Starts at the most it may
// be: a server of one's own takes that, and a provider's limit is found within a few round trips. Thread-compatible.
class AdaptiveLimit {
 public:
  explicit AdaptiveLimit(size_t most) : most_(static_cast<double>(std::max<size_t>(most, 1))), limit_(most_) {}

  size_t limit() const { return static_cast<size_t>(limit_); }

  // A call was answered. One round of successes lifts the limit by 1 % of the most, but at least by one.
  void Succeeded() { limit_ = std::min(most_, limit_ + std::max(1.0, most_ / 100) / limit_); }

  // The endpoint turned a call away. Of the many calls that were on their way together only the first one lowers the
  // limit, by 30 %: the others tell nothing new.
  void Overloaded(absl::Time call_began, absl::Time now) {
    if (call_began < lowered_at_) return;
    limit_ = std::max(1.0, limit_ * 0.7);
    lowered_at_ = now;
  }

 private:
  const double most_;
  double limit_;
  absl::Time lowered_at_ = absl::InfinitePast();
};

}  // namespace quern::llm
