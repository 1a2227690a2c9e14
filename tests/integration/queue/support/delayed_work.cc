#include "tests/integration/queue/support/delayed_work.h"

#include "absl/time/clock.h"

namespace quern::testing {

DelayedWork::DelayedWork(absl::Duration delay, Work then) : delay_(delay), then_(std::move(then)) {
  thread_ = std::thread([this] { Run(); });
}

DelayedWork::~DelayedWork() {
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  thread_.join();
}

Work DelayedWork::AsWork() {
  return [this](v1::StageName stage, queue::Delivery delivery) {
    absl::MutexLock lock(&mutex_);
    items_.push_back({absl::Now() + delay_, stage, std::move(delivery)});
  };
}

void DelayedWork::Run() {
  while (true) {
    std::deque<Item> due;
    {
      absl::MutexLock lock(&mutex_);
      const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ended_ || !items_.empty(); };
      mutex_.Await(absl::Condition(&ready));
      if (ended_) return;
      while (!items_.empty() && items_.front().due <= absl::Now()) {
        due.push_back(std::move(items_.front()));
        items_.pop_front();
      }
    }
    for (Item& item : due) then_(item.stage, std::move(item.delivery));
    if (due.empty()) absl::SleepFor(absl::Milliseconds(1));
  }
}

}  // namespace quern::testing
