#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/adaptive_limit.h"
#include "common/llm/park.h"

namespace quern::llm {

// The places of an endpoint for calls in flight: as many as its adaptive limit allows, handed out by urgency, and among
// the equally urgent in the order of asking. Thread-safe.
class Slots {
 public:
  explicit Slots(size_t most) : limit_(most) {}

  // Waits for a place; resumes on the caller's executor. False, and no place is taken, after Stop. Whoever got true
  // calls Leave or LeaveUnused once.
  boost::asio::awaitable<bool> Enter(uint32_t urgency = 0);

  enum class Ended { kSucceeded, kOverloaded, kOther };
  // Gives the place back and adapts the limit.
  void Leave(Ended how, absl::Time began, absl::Time now);
  // Gives back a place that no call was made from.
  void LeaveUnused();

  // Turns away everybody who waits, now and later.
  void Stop();

  size_t limit() const;
  size_t in_use() const;
  // In use and waiting.
  size_t load() const;

 private:
  // Whether somebody who asks now need not wait; takes a place then.
  bool TryEnter() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Ask(uint32_t urgency, Resume resume);
  // Takes who may enter now out of the queue.
  std::vector<Resume> TakeEntering() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Resume> TakeWaiting(size_t most) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  AdaptiveLimit limit_ ABSL_GUARDED_BY(mutex_);
  size_t in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  // By urgency, the most urgent first.
  std::map<uint32_t, std::deque<Resume>, std::greater<>> queues_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::llm
