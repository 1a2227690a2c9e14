#include "clients/cli/backoff.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "common/base/error.h"

namespace quern::cli {

bool PassesByItself(const absl::Status& error) {
  return absl::IsUnavailable(error) || absl::IsResourceExhausted(error);
}

bool SleepUnlessStopped(absl::Duration duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wakeup;
  std::unique_lock lock(mutex);
  wakeup.wait_for(lock, stop, absl::ToChronoNanoseconds(duration), [] { return false; });
  return stop.stop_requested();
}

Backoff::Backoff(BackoffOptions options, std::stop_token stop)
    : options_(options), stop_(std::move(stop)), random_(std::random_device{}()) {}

void Backoff::Progress() {
  tries_ = 0;
  last_progress_ = absl::Now();
}

absl::Status Backoff::Wait(const absl::Status& error) {
  if (stop_.stop_requested()) return absl::CancelledError("interrupted");
  if (!PassesByItself(error)) return error;
  if (absl::Now() - last_progress_ >= options_.patience) {
    return WithContext(error, "no progress for " + absl::FormatDuration(options_.patience) + ", giving up");
  }
  const double factor = static_cast<double>(uint64_t{1} << std::min(tries_++, 20));
  const absl::Duration limit = std::min(options_.longest, options_.first * factor);
  const double share = std::uniform_real_distribution<double>(0, 1)(random_);
  if (SleepUnlessStopped(limit * share, stop_)) return absl::CancelledError("interrupted");
  return absl::OkStatus();
}

}  // namespace quern::cli
