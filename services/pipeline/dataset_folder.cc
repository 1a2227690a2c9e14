#include "services/pipeline/dataset_folder.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "common/base/error.h"
#include "common/dataset/dataset_folder.h"
#include "common/dataset/manifest.h"

namespace quern::pipeline {
namespace {

namespace fs = std::filesystem;

absl::Status Remove(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return absl::OkStatus();
  return MakeError(absl::StatusCode::kUnavailable, "DISK_FAILED",
                   "cannot remove " + path.string() + ": " + error.message());
}

}  // namespace

absl::StatusOr<FolderUse> UseOf(const std::string& folder) {
  const absl::StatusOr<dataset::Manifest> manifest = dataset::LoadManifest(folder);
  if (absl::IsNotFound(manifest.status())) {
    return dataset::HasShardFiles(folder) ? FolderUse::kRows : FolderUse::kFree;
  }
  QUERN_RETURN_IF_ERROR(manifest.status());
  const bool rows = std::any_of(manifest->lane_commits.begin(), manifest->lane_commits.end(),
                                [](const auto& lane_commit) { return lane_commit.second > 0; });
  return rows || !manifest->shards.empty() ? FolderUse::kRows : FolderUse::kNoRows;
}

absl::Status PrepareFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK | X_OK) != 0) error.assign(errno, std::generic_category());
  if (!error) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_NOT_WRITABLE",
                   "cannot write to " + folder + ": " + error.message());
}

bool IsFinal(const std::string& folder, v1::JobState state) {
  const absl::StatusOr<dataset::Manifest> manifest = dataset::LoadManifest(folder);
  if (!manifest.ok()) return absl::IsNotFound(manifest.status());
  return manifest->state == state;
}

absl::Status RemoveDataset(const std::string& folder) {
  const absl::StatusOr<dataset::Manifest> manifest = dataset::LoadManifest(folder);
  if (absl::IsNotFound(manifest.status())) return absl::OkStatus();
  QUERN_RETURN_IF_ERROR(manifest.status());
  QUERN_ASSIGN_OR_RETURN(const auto lock, dataset::FolderLock::Take(folder));
  // The manifest goes last: until then a repeat of this call finds it.
  for (const dataset::RowKind kind : dataset::kRowKinds) {
    QUERN_RETURN_IF_ERROR(Remove(fs::path(folder) / dataset::FolderOf(kind)));
  }
  QUERN_RETURN_IF_ERROR(Remove(fs::path(folder) / dataset::Manifest::kFileName));
  std::error_code not_empty;
  fs::remove(folder, not_empty);
  return absl::OkStatus();
}

}  // namespace quern::pipeline
