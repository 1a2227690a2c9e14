#pragma once

#include <random>
#include <stop_token>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace quern::cli {

struct BackoffOptions {
  // The wait before the n-th try in a row is drawn from 0 to min(longest, first × 2^n): full jitter.
  absl::Duration first = absl::Milliseconds(200);
  absl::Duration longest = absl::Seconds(10);
  // How long a fault may last without progress before the command gives up. Zero: at once.
  absl::Duration patience = absl::Minutes(10);
};

// True for errors that pass by themselves: the server drains or restarts, its Redis is away or full.
bool PassesByItself(const absl::Status& error);

// Spaces out the repeats of one operation. Thread-compatible.
class Backoff {
 public:
  Backoff(BackoffOptions options, std::stop_token stop);

  // The operation got somewhere: patience and waits begin anew.
  void Progress();

  // Waits before the next try and returns OK; or returns `error` at once when it does not pass by itself or patience is
  // spent, or CANCELLED when told to stop.
  absl::Status Wait(const absl::Status& error);

 private:
  const BackoffOptions options_;
  const std::stop_token stop_;
  std::mt19937_64 random_;
  int tries_ = 0;
  absl::Time last_progress_ = absl::Now();
};

// Sleeps; true when told to stop before the time was over.
bool SleepUnlessStopped(absl::Duration duration, std::stop_token stop);

}  // namespace quern::cli
