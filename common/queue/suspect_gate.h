#pragma once

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace quern::queue {

// Narrows suspicion after a crash, which takes thousands of innocent neighbours along: entries on their second delivery
// run at most 64 at a time in a process, on their third 8, and from the fourth alone, with nothing else under way. So
// only a crash while alone is evidence against an entry. One per process. Thread-safe, never blocks.
class SuspectGate {
 public:
  // Leave to run one entry, ended by destruction. Holds a pointer to its gate.
  class Pass {
   public:
    Pass(Pass&& other) noexcept;
    Pass& operator=(Pass&&) = delete;
    ~Pass();

   private:
    friend class SuspectGate;
    Pass(SuspectGate* gate, int level) : gate_(gate), level_(level) {}
    SuspectGate* gate_;
    int level_;
  };

  // Leave for an entry on its `deliveries`-th delivery (1 or more), or null when it has to wait: too many of its kind
  // run, or something runs or waits alone.
  std::unique_ptr<Pass> TryEnter(uint32_t deliveries);

  // An entry that must run alone waits: from now on nothing else enters until it has run or `false` is told.
  void WantAlone(bool wanted);

 private:
  absl::Mutex mutex_;
  int running_[5] ABSL_GUARDED_BY(mutex_) = {};
  bool alone_wanted_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace quern::queue
