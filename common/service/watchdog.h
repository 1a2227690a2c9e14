#pragma once

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace quern::service {

// Ends the process with exit code 75 when it outlives `limit`: a callback server can hang in its shutdown, and an
// orchestrator waits for us. Disarmed by destruction. Thread-safe.
class Watchdog {
 public:
  explicit Watchdog(absl::Duration limit);
  ~Watchdog();

 private:
  absl::Notification done_;
  std::thread thread_;
};

}  // namespace quern::service
