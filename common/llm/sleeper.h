#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>

#include "absl/time/time.h"

namespace quern::llm {

// Waits of coroutines that a stop ends early. Thread-safe.
class Sleeper {
 public:
  // Waits for `duration`, or until Stop (noticed within a quarter of a second). False when stopped.
  boost::asio::awaitable<bool> Sleep(absl::Duration duration) const;

  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

 private:
  std::atomic<bool> stopped_ = false;
};

}  // namespace quern::llm
