#include "common/base/backoff.h"

#include <algorithm>

namespace quern {

absl::Duration Backoff::Next(uint32_t failures) {
  // Beyond 2^32 any base is past its limit.
  const absl::Duration ceiling = std::min(limit_, base_ * static_cast<double>(uint64_t{1} << std::min(failures, 32u)));
  absl::MutexLock lock(&mutex_);
  return ceiling * std::uniform_real_distribution<double>(0, 1)(random_);
}

}  // namespace quern
