#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace quern::queue {

// Keeps a stage from starting a job's work for a while, because what that work needs is not to be had. Other jobs go
// on. Thread-safe.
class JobHold {
 public:
  bool on() const;

  // Begins a hold unless one is on: of the many items that one outage meets, the first decides. `length` gets the
  // number of holds since anything of the job succeeded. Returns its length, zero when one was on.
  absl::Duration Begin(const std::function<absl::Duration(uint32_t holds)>& length);

  void Succeeded() { holds_ = 0; }

  // Ends a hold that is on, and forgets those before: somebody has mended what they were for.
  void End();

 private:
  absl::Mutex mutex_;
  std::atomic<int64_t> until_us_ = 0;
  std::atomic<uint32_t> holds_ = 0;
};

}  // namespace quern::queue
