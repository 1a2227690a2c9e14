#include "common/llm/breaker.h"

#include <algorithm>

namespace quern::llm {

bool Breaker::TryStart(absl::Time now) {
  if (!MayStart(now)) return false;
  probing_ = open_;
  return true;
}

void Breaker::Succeeded() {
  failures_ = 0;
  unreachable_ = 0;
  open_ = false;
  probing_ = false;
  wait_ = absl::ZeroDuration();
  retry_at_ = absl::InfinitePast();
}

void Breaker::Unreachable(absl::Time now) {
  ++unreachable_;
  Failed(now);
}

void Breaker::Broken(absl::Time now) {
  unreachable_ = 0;
  Failed(now);
}

void Breaker::Failed(absl::Time now) {
  ++failures_;
  if (open_) {
    // Calls that were under way when it opened tell nothing new; the probe does.
    if (!probing_) return;
    probing_ = false;
  } else if (unreachable_ < kUnreachableInARow && failures_ < kBrokenInARow) {
    return;
  }
  open_ = true;
  wait_ = std::clamp(2 * wait_, kFirstWait, kLongestWait);
  retry_at_ = now + wait_;
}

}  // namespace quern::llm
