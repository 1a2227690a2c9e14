#pragma once

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/queue/transitions.h"

namespace quern::queue {

// Bounds of one call of finish.lua.
inline constexpr size_t kMaxBatchItems = 64;
inline constexpr size_t kMaxBatchBytes = 256 << 10;
// A call costs us and Redis about the same for one as for some; an item that asked a model has waited much longer.
inline constexpr absl::Duration kGatherTime = absl::Milliseconds(4);

// What workers have settled and Redis does not know yet. Thread-safe.
class Settlements {
 public:
  // Adds one. False, and it is dropped, after Close: its entry was handed back already.
  bool Push(Settlement settlement);

  // Takes all there are; waits up to `longest` for the first, and kGatherTime for others, until they fill a batch.
  std::vector<Settlement> Take(absl::Duration longest);

  // From now on Push refuses.
  void Close();

 private:
  absl::Mutex mutex_;
  std::vector<Settlement> waiting_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

// Splits settlements into batches of one lane each, at most 64 of them and 256 KiB (or a single larger one), hand-backs
// apart from transitions; within a lane the order is kept. The pointers point into `settlements`.
std::vector<std::vector<Settlement*>> Batches(std::vector<Settlement>& settlements);

}  // namespace quern::queue
