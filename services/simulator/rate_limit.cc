#include "services/simulator/rate_limit.h"

#include <algorithm>

namespace quern::simulator {

absl::Duration TokenBucket::Wait(double amount, absl::Time now) {
  if (unlimited()) return absl::ZeroDuration();
  if (filled_ != absl::InfinitePast() && now > filled_) {
    level_ = std::min(full_, level_ + per_minute_ * absl::FDivDuration(now - filled_, absl::Minutes(1)));
  }
  filled_ = now;
  const double missing = std::min(amount, full_) - level_;
  return missing <= 0 ? absl::ZeroDuration() : absl::Minutes(missing / per_minute_);
}

}  // namespace quern::simulator
