#pragma once

#include "absl/time/time.h"

namespace quern::llm {

// Stops calling an endpoint that does not work, and tries it with single calls until it does. Calls that it holds back
// wait; none fails for it. Thread-compatible.
class Breaker {
 public:
  // True when a call may start now. Open, it lets one call through each time its wait is over.
  bool TryStart(absl::Time now);
  // Whether TryStart would let it.
  bool MayStart(absl::Time now) const { return !open_ || (!probing_ && now >= retry_at_); }

  void Succeeded();
  // Nothing reached the server (three in a row open the breaker) or it answered with a fault of its own (twenty in a
  // row).
  void Unreachable(absl::Time now);
  void Broken(absl::Time now);
  // The call that was let through came to no end (it was cancelled).
  void Abandoned() { probing_ = false; }

  bool open() const { return open_; }
  // When the next call may be tried; in the past while closed.
  absl::Time retry_at() const { return retry_at_; }

 private:
  static constexpr int kUnreachableInARow = 3;
  // High, because a server that fails half of its calls at random must not look dead among thousands of them.
  static constexpr int kBrokenInARow = 20;
  static constexpr absl::Duration kFirstWait = absl::Seconds(1);
  static constexpr absl::Duration kLongestWait = absl::Seconds(15);

  void Failed(absl::Time now);

  // In a row: of both kinds, and of those that reached nobody.
  int failures_ = 0;
  int unreachable_ = 0;
  bool open_ = false;
  bool probing_ = false;
  absl::Duration wait_;
  absl::Time retry_at_ = absl::InfinitePast();
};

}  // namespace quern::llm
