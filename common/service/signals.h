#pragma once

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace quern::service {

// Turns SIGTERM and SIGINT into a request to drain. The second one ends the process at once with 128 + its number.
// SIGPIPE is ignored. Construct it in main before any thread starts, once per process: it blocks these signals in all
// threads and takes them on its own. Thread-safe.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Waits for the first signal.
  void Wait();
  // Waits up to `timeout`; true once a signal came.
  bool WaitFor(absl::Duration timeout);
  // The first signal's number; 0 before it.
  int received() const;

 private:
  void Listen();

  absl::Notification first_;
  std::atomic<int> received_{0};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace quern::service
