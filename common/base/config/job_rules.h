#pragma once

#include <vector>

#include "common/base/config/rules.h"

namespace quern::config {

// Defaults and bounds of JobSpec, as job.proto and the stages' .proto files tell them. A stage's own defaults are
// filled by the stage, which also checks what concerns its rules alone; here stand its bounds.
const std::vector<FieldRule>& JobRules();

}  // namespace quern::config
