#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace quern::pipeline {

// The streams that clients hold open, so that a drain can end them: a stream may otherwise last for days. Thread-safe.
class ActiveStreams {
 public:
  // Registers a stream; `end` asks it to end with UNAVAILABLE and must not block. After Drain it is called at once.
  uint64_t Add(std::function<void()> end);
  void Remove(uint64_t id);

  // Asks every stream, and every later one, to end, and waits up to `grace` until they have. Idempotent.
  void Drain(absl::Duration grace);

 private:
  absl::Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<uint64_t, std::function<void()>> streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::pipeline
