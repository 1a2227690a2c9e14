#pragma once

#include <deque>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/integration/queue/support/queue_harness.h"

namespace quern::testing {

// Work that takes time: passes each delivery on to `then` after `delay`, on a thread of its own. It outlives the
// workers that use it. Thread-safe.
class DelayedWork {
 public:
  DelayedWork(absl::Duration delay, Work then);
  ~DelayedWork();

  Work AsWork();

 private:
  struct Item {
    absl::Time due;
    v1::StageName stage;
    queue::Delivery delivery;
  };

  void Run();

  const absl::Duration delay_;
  const Work then_;
  absl::Mutex mutex_;
  std::deque<Item> items_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quern::testing
