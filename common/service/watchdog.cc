#include "common/service/watchdog.h"

#include <unistd.h>

#include "common/base/config/exit_code.h"
#include "common/base/log.h"

namespace quern::service {

Watchdog::Watchdog(absl::Duration limit)
    : thread_([this, limit] {
        if (done_.WaitForNotificationWithTimeout(limit)) return;
        LogError("the drain did not end; exiting hard", {{"limit", limit}});
        _exit(config::kExitTryAgain);
      }) {}

Watchdog::~Watchdog() {
  done_.Notify();
  thread_.join();
}

}  // namespace quern::service
