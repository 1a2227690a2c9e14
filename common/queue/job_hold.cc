#include "common/queue/job_hold.h"

#include "absl/time/clock.h"

namespace quern::queue {

bool JobHold::on() const { return absl::ToUnixMicros(absl::Now()) < until_us_; }

absl::Duration JobHold::Begin(const std::function<absl::Duration(uint32_t holds)>& length) {
  absl::MutexLock lock(&mutex_);
  if (on()) return absl::ZeroDuration();
  const absl::Duration hold = length(holds_++);
  until_us_ = absl::ToUnixMicros(absl::Now() + hold);
  return hold;
}

void JobHold::End() {
  absl::MutexLock lock(&mutex_);
  holds_ = 0;
  until_us_ = 0;
}

}  // namespace quern::queue
