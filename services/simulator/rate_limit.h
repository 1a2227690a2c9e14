#pragma once

#include "absl/time/time.h"

namespace quern::simulator {

// A token bucket: filled evenly, it holds what comes in a window. Thread-compatible.
class TokenBucket {
 public:
  // `per_minute` 0: no limit.
  explicit TokenBucket(double per_minute, absl::Duration window = absl::Minutes(1))
      : per_minute_(per_minute), full_(per_minute * absl::FDivDuration(window, absl::Minutes(1))), level_(full_) {}

  bool unlimited() const { return per_minute_ <= 0; }

  // How long to wait until `amount` may be taken; zero when now. More than the bucket ever holds may be taken when it
  // is full, because such a request would otherwise wait for ever.
  absl::Duration Wait(double amount, absl::Time now);
  // Takes it; the level may fall below zero.
  void Take(double amount) { level_ -= amount; }

  double per_minute() const { return per_minute_; }
  // What is left, never negative.
  double level() const { return level_ > 0 ? level_ : 0; }

 private:
  const double per_minute_;
  const double full_;
  double level_;
  // Of the last refill.
  absl::Time filled_ = absl::InfinitePast();
};

}  // namespace quern::simulator
