#pragma once

#include "common/base/config/faults.h"
#include "quern/v1/config.pb.h"

namespace quern::config {

// Checks what bounds alone cannot tell: addresses, URLs, lease against renewal, the password file. `config` has its
// defaults. Reads files, changes nothing.
void CheckServiceConfig(const v1::ServiceConfig& config, Faults* faults);

}  // namespace quern::config
