#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/breaker.h"
#include "common/llm/completion.h"
#include "common/llm/reply.h"
#include "common/llm/sleeper.h"
#include "common/llm/slots.h"
#include "quern/v1/llm.pb.h"

namespace quern::llm {

// How long a call waits for a server that says "later" before the job waits for a person instead.
inline constexpr absl::Duration kLongestRetryAfter = absl::Seconds(120);

// The flow control of one replica, shared by all jobs of a process that ask it: places, breaker, what the server said
// about when to come back, and what it was found not to understand. Thread-safe.
class Endpoint {
 public:
  // `name` tells it apart, for people and metrics: host, port and model.
  Endpoint(std::string name, std::string url, size_t max_concurrency, v1::StructuredOutput structured);

  const std::string& name() const { return name_; }
  // Where chat completions are posted to.
  const std::string& url() const { return url_; }
  // Of the name; the same in every process.
  uint64_t hash() const { return hash_; }

  // Waits for leave to make one call; the more urgent go first. A failure (the breaker is open, a person must act, the
  // process drains) means that none may be made; otherwise Leave is to be called once.
  boost::asio::awaitable<std::optional<Failure>> Enter(const Sleeper& sleeper, uint32_t urgency);
  // Tells how the call that began then ended.
  void Leave(const Reading& reading, absl::Time began, absl::Time now);
  // No call was made after all.
  void LeaveUnused();

  // The strictest form of reply that this server is known to take, or not known to refuse.
  v1::StructuredOutput structured() const;
  // The server refused `tried`: from now on the next laxer one. False when nothing is laxer, or the spec demands it.
  bool LowerStructured(v1::StructuredOutput tried);

  // False while its breaker is open and no call may try it.
  bool healthy() const;
  // The breaker is open.
  bool down() const;
  // Then: what came of the last call, unless nobody has called it for minutes.
  std::optional<std::string> down_reason() const;
  // When a call may be tried again, while it is not healthy.
  absl::Time retry_at() const;
  const Slots& slots() const { return slots_; }
  void Stop() { slots_.Stop(); }

 private:
  // Whether a call may start now; a failure, or how long to wait.
  struct Turn {
    std::optional<Failure> failure;
    absl::Duration wait = absl::ZeroDuration();
  };
  Turn TakeTurn(absl::Time now);
  void Heed(const Reading& reading, absl::Time began, absl::Time now);
  void WaitForAPerson(const Reading& reading, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string name_;
  const std::string url_;
  const uint64_t hash_;
  const bool may_lower_structured_;
  Slots slots_;

  mutable absl::Mutex mutex_;
  Breaker breaker_ ABSL_GUARDED_BY(mutex_);
  // What was wrong with the last reply that the breaker heard of as a fault.
  std::string fault_ ABSL_GUARDED_BY(mutex_);
  absl::Time fault_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  v1::StructuredOutput structured_ ABSL_GUARDED_BY(mutex_);
  // What the server asked for: no call before then.
  absl::Time not_before_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // What a person must mend, and when a single call may see whether it is mended.
  std::optional<Failure> for_a_person_ ABSL_GUARDED_BY(mutex_);
  absl::Time look_again_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // Since when that call is under way; the others wait for what it finds.
  std::optional<absl::Time> looking_since_ ABSL_GUARDED_BY(mutex_);
};

// The failure of a process that is told to stop: the item goes elsewhere, free of charge.
Failure Draining();

}  // namespace quern::llm
