#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace quern::dataset {

// The steps by which files become durable. Virtual so that tests can break each of them or end the process there.
//
// Errors: RESOURCE_EXHAUSTED "DISK_FULL" (no space, or a quota), UNAVAILABLE "DISK_FAILED" (anything else).
// Thread-safe. Blocking.
class Disk {
 public:
  virtual ~Disk() = default;

  // Creates or empties the file, writes all bytes and waits until the disk has them. On an error a part may be there.
  virtual absl::Status WriteFile(const std::string& path, std::string_view bytes);
  // The same with the bytes of the files `from`, one after the other, in constant memory.
  virtual absl::Status JoinFiles(const std::vector<std::string>& from, const std::string& to);
  // Atomically; replaces `to`.
  virtual absl::Status Rename(const std::string& from, const std::string& to);
  // Waits until the disk has the folder's names.
  virtual absl::Status SyncFolder(const std::string& path);
  // A file that is not there is no error.
  virtual absl::Status Remove(const std::string& path);
};

// The error for a failed system call on `path`: what `error` (an errno) stands for.
absl::Status DiskError(std::string_view doing, const std::string& path, int error);

// Writes `bytes` as folder/name.tmp, then gives it its name and makes that durable: a reader sees the old file or the
// new one, whole. On an error the old file is untouched and nothing is left over.
absl::Status ReplaceFile(Disk& disk, const std::string& folder, const std::string& name, std::string_view bytes);

}  // namespace quern::dataset
