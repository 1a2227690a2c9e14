#include "common/queue/suspect_gate.h"

#include <algorithm>
#include <limits>

namespace quern::queue {
namespace {

constexpr int kAlone = 4;
// Most that run at once, by delivery (index 0 is unused): crashes narrow the circle.
constexpr int kMost[] = {0, std::numeric_limits<int>::max(), 64, 8, 1};

}  // namespace

SuspectGate::Pass::Pass(Pass&& other) noexcept : gate_(other.gate_), level_(other.level_) { other.gate_ = nullptr; }

SuspectGate::Pass::~Pass() {
  if (gate_ == nullptr) return;
  absl::MutexLock lock(&gate_->mutex_);
  --gate_->running_[level_];
}

std::unique_ptr<SuspectGate::Pass> SuspectGate::TryEnter(uint32_t deliveries) {
  const int level = std::clamp<int>(static_cast<int>(std::min<uint32_t>(deliveries, kAlone)), 1, kAlone);
  absl::MutexLock lock(&mutex_);
  if (running_[kAlone] > 0) return nullptr;
  if (level == kAlone) {
    if (std::any_of(std::begin(running_), std::end(running_), [](int n) { return n > 0; })) return nullptr;
    alone_wanted_ = false;
  } else if (alone_wanted_ || running_[level] >= kMost[level]) {
    return nullptr;
  }
  ++running_[level];
  return std::unique_ptr<Pass>(new Pass(this, level));
}

void SuspectGate::WantAlone(bool wanted) {
  absl::MutexLock lock(&mutex_);
  alone_wanted_ = wanted;
}

}  // namespace quern::queue
