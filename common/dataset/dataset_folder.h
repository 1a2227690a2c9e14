#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/dataset/disk.h"
#include "common/dataset/manifest.h"

namespace quern::dataset {

// The lock of a dataset's folder, held until it is destroyed or the process ends.
class FolderLock {
 public:
  // FAILED_PRECONDITION "OUTPUT_IN_USE" when another process or writer holds it.
  static absl::StatusOr<std::unique_ptr<FolderLock>> Take(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  const int fd_;
};

// Makes the folder with the three shard folders in it, where they are not there.
absl::Status MakeFolders(const std::string& folder);

// True when a shard folder holds any file.
bool HasShardFiles(const std::string& folder);

// Removes the shard files that `manifest` does not name and unfinished ones, as a crash leaves them. Files that do not
// look like shards stay. Returns the highest number seen among those removed, or 0.
absl::StatusOr<uint64_t> RemoveOrphans(const std::string& folder, const Manifest& manifest, Disk& disk);

// DATA_LOSS "SHARD_CORRUPT" when a file that the manifest names is not there or of another size.
absl::Status CheckShards(const std::string& folder, const Manifest& manifest);

}  // namespace quern::dataset
