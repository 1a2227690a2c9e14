#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"

namespace quern::testing {

// Waits until `reached` holds, looking every 5 ms; fails the test after `longest`.
void WaitUntil(const std::function<bool()>& reached, const std::string& what,
               absl::Duration longest = absl::Seconds(20));

}  // namespace quern::testing
