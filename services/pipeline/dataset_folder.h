#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "quern/v1/job.pb.h"

namespace quern::pipeline {

// What may be asked of a job's dataset folder by those who do not write it. Blocking; thread-safe.

// What a folder holds before a job that Redis does not know is created for it.
enum class FolderUse {
  // Nothing of ours.
  kFree,
  // A dataset in which nothing was committed: of a job whose creation Redis has lost.
  kNoRows,
  // Rows of some job.
  kRows,
};
absl::StatusOr<FolderUse> UseOf(const std::string& folder);

// Makes the folder where it is not there. FAILED_PRECONDITION, reason OUTPUT_NOT_WRITABLE.
absl::Status PrepareFolder(const std::string& folder);

// True when the dataset says that its job ended in `state`, and when there is no dataset: nothing is left to be
// written.
bool IsFinal(const std::string& folder, v1::JobState state);

// Removes the dataset's own files, and the folder when nothing else is in it. A folder without a dataset is OK.
// FAILED_PRECONDITION, reason OUTPUT_IN_USE, while somebody writes it; UNAVAILABLE, reason DISK_FAILED.
absl::Status RemoveDataset(const std::string& folder);

}  // namespace quern::pipeline
