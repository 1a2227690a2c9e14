#pragma once

#include <vector>

#include "common/base/config/rules.h"

namespace quern::config {

// Defaults and bounds of JobSpec, as job.proto and the stages' .proto files tell them.
const std::vector<FieldRule>& JobRules();

}  // namespace quern::config
