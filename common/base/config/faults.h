#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace quern::config {

// Collects everything that is wrong with a configuration, so that its author repairs it in one round.
// Thread-compatible.
class Faults {
 public:
  // `path` names the field, for example "redis.timeout"; `message` says what is wrong and what is right.
  void Add(std::string_view path, std::string_view message);

  bool empty() const { return lines_.empty(); }

  // INVALID_ARGUMENT with `reason`, one line a fault, "path: message"; OK when there is none.
  absl::Status ToStatus(std::string_view reason) const;

 private:
  std::vector<std::string> lines_;
};

}  // namespace quern::config
