#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/base/file_lock.h"

namespace quern::pipeline {

// Makes the folder of all datasets where it is missing, and holds it for this process alone as long as the lock lives:
// two pipelines that wrote there would undo each other's commits. FAILED_PRECONDITION, reasons OUTPUT_LOCKED (another
// pipeline holds it) and OUTPUT_UNUSABLE.
absl::StatusOr<FileLock> HoldDataFolder(const std::string& folder);

}  // namespace quern::pipeline
