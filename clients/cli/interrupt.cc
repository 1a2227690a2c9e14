#include "clients/cli/interrupt.h"

#include "absl/time/time.h"

namespace quern::cli {
namespace {

// How long a process that has ended by itself may wait for this thread.
constexpr absl::Duration kEndPoll = absl::Milliseconds(20);

}  // namespace

Interrupt::Interrupt()
    : waiter_([this](std::stop_token ended) {
        while (!ended.stop_requested()) {
          if (!signals_.WaitFor(kEndPoll)) continue;
          source_.request_stop();
          return;
        }
      }) {}

Interrupt::~Interrupt() = default;

}  // namespace quern::cli
