#pragma once

#include <stop_token>
#include <thread>

#include "common/service/signals.h"

namespace quern::cli {

// SIGINT and SIGTERM as a stop token. Construct it in main before any thread starts. Thread-safe.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();

  // Stops at the first signal; the second one ends the process at once (see Signals).
  std::stop_token token() const { return source_.get_token(); }
  // The first signal's number; 0 before it.
  int signal() const { return signals_.received(); }

 private:
  service::Signals signals_;
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace quern::cli
