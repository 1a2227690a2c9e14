#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace quern::config {

// The whole of a small file. NOT_FOUND, reason NO_SUCH_FILE; INVALID_ARGUMENT, reason UNREADABLE_FILE: a folder, no
// permission, or more than 1 MiB.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

}  // namespace quern::config
