#include "tests/support/wait_until.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"

namespace quern::testing {

void WaitUntil(const std::function<bool()>& reached, const std::string& what, absl::Duration longest) {
  const absl::Time deadline = absl::Now() + longest;
  while (!reached()) {
    if (absl::Now() > deadline) FAIL() << "never happened: " << what;
    absl::SleepFor(absl::Milliseconds(5));
  }
}

}  // namespace quern::testing
