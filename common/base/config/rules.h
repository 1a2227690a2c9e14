#pragma once

#include <limits>
#include <string>
#include <vector>

#include "common/base/config/faults.h"
#include "common/base/config/yaml.h"
#include "google/protobuf/message.h"

namespace quern::config {

// What holds for one field of a configuration.
struct FieldRule {
  std::string path;
  // As a person would write it. Empty: the field has no default.
  std::string default_value;
  // Bounds of a number, both allowed; durations in seconds.
  double min = 0;
  double max = std::numeric_limits<double>::infinity();
};

// Sets the default of every field that is unset, and checks the bounds of those that are set.
void ApplyRules(const std::vector<FieldRule>& rules, google::protobuf::Message* message, Faults* faults,
                const OnSet& on_default = {});

}  // namespace quern::config
