#include "services/pipeline/data_folder.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"

namespace quern::pipeline {
namespace {

// One that drains at this moment may be about to let go.
constexpr absl::Duration kLetGo = absl::Seconds(5);

}  // namespace

absl::StatusOr<FileLock> HoldDataFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_UNUSABLE",
                     absl::StrCat("pipeline.data_dir: cannot make ", folder, ": ", error.message()));
  }
  absl::StatusOr<FileLock> lock = FileLock::Acquire(folder + "/pipeline.lock", kLetGo);
  if (!absl::IsAborted(lock.status())) return lock;
  return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_LOCKED",
                   absl::StrCat("pipeline.data_dir: another quern-pipeline writes datasets there (",
                                lock.status().message(), "); stop that one, or give this one a folder of its own"));
}

}  // namespace quern::pipeline
