#pragma once

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace quern::service {

// Turns SIGTERM and SIGINT into a request to drain. The second one ends the process at once with 128 + its number.
// SIGPIPE is ignored. Construct it in main before any thread starts, once per process: it blocks these signals in all
// threads and takes them on its own. Child processes inherit the blocked mask: unblock it between fork and exec.
// Thread-safe.
class Signals {
 public:
  Signals();
  // Stops listening; the signals stay blocked.
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Waits for the first signal.
  void Wait();
  // Waits up to `timeout`; true once a signal came.
  bool WaitFor(absl::Duration timeout);
  // The first signal's number; 0 before it.
  int received() const { return received_; }

 private:
  void Listen();

  int signals_ = -1;
  int stop_ = -1;
  std::atomic<int> received_{0};
  absl::Notification first_;
  std::thread thread_;
};

}  // namespace quern::service
