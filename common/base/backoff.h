#pragma once

#include <cstdint>
#include <random>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace quern {

// Waits before a retry: full jitter, that is evenly between 0 and base × 2^failures, at most `limit`. Spreads retries
// better than any fixed wait. Thread-safe.
class Backoff {
 public:
  Backoff(absl::Duration base, absl::Duration limit, uint64_t seed) : base_(base), limit_(limit), random_(seed) {}

  // `failures` counts those before this one, from 0.
  absl::Duration Next(uint32_t failures);

 private:
  const absl::Duration base_;
  const absl::Duration limit_;
  absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern
