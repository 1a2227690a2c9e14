#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace quern {

// An exclusive lock on a file (flock), which ends with the last process that holds its descriptor, however that process
// ends. Move-only.
class FileLock {
 public:
  // Creates the file where it is missing and locks it, waiting up to `patience` for who holds it. The file then holds
  // this process's id. ABORTED, reason LOCKED: it is still held; the message names the holder's process id.
  // FAILED_PRECONDITION, reason OUTPUT_UNUSABLE: the file cannot be created. Not inherited by programs that are
  // started, unless they are given descriptor().
  static absl::StatusOr<FileLock> Acquire(const std::string& path, absl::Duration patience);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  int descriptor() const { return descriptor_; }

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace quern
