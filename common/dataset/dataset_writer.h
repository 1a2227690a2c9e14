#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/dataset/disk.h"
#include "common/dataset/manifest.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/record.pb.h"

namespace quern::dataset {

struct DatasetOptions {
  // The dataset's folder; made when it is not there. Other things may stand in it.
  std::string folder;
  // "jobs/{job}" and the hash of its spec. Required.
  std::string job;
  std::string spec_hash;
  std::string quern_version;
  // The spec for readers, as JSON: becomes the dataset's spec.json. Empty: none is written.
  std::string spec_json;
  // zstd level, 1 to 19.
  int compression_level = 3;
  // Bytes at which Compact ends a file.
  uint64_t max_compacted_bytes = 256 << 20;
};

// Writes the dataset of one job, commit after commit of each lane:
//
//   writer->Begin(lane, commit);
//   writer->Append(lane, record); writer->Append(lane, rejection); ...
//   status = writer->Publish(lane, counts, state);   // until it is OK
//
// Several lanes may have a commit under way. A commit becomes visible as a whole when Publish returns OK, and is then
// durable; a crash at any moment leaves the commits before it and nothing else (files that no manifest names are
// removed by the next Open). Commit numbers of a lane must grow.
//
// One writer at a time: the folder is locked until the writer is destroyed. Not thread-safe. Publish, RollBack, Compact
// and Open block on the disk.
class DatasetWriter {
 public:
  // Locks the folder, reads its manifest or writes a first one, and removes what a crash left over. `disk` must outlive
  // the writer; null stands for the real one.
  // Errors: FAILED_PRECONDITION "OUTPUT_IN_USE" (another writer has the lock), ALREADY_EXISTS
  // "OUTPUT_HOLDS_ANOTHER_JOB" (another job name or spec), FAILED_PRECONDITION "OUTPUT_NOT_EMPTY" (shard folders with
  // files but no manifest), those of LoadManifest, and RESOURCE_EXHAUSTED "DISK_FULL" or UNAVAILABLE "DISK_FAILED".
  static absl::StatusOr<std::unique_ptr<DatasetWriter>> Open(DatasetOptions options, Disk* disk = nullptr);

  virtual ~DatasetWriter() = default;

  // Starts commit number `commit` of a lane. What was appended to the lane since its last Publish is dropped.
  // FAILED_PRECONDITION "COMMIT_NOT_NEW": the manifest has that commit of the lane already, or a later one.
  virtual absl::Status Begin(uint32_t lane, uint64_t commit) = 0;

  // Adds a row to the lane's commit, in memory and compressed. After Begin only.
  virtual void Append(uint32_t lane, const v1::RecordRow& row) = 0;
  virtual void Append(uint32_t lane, const v1::RejectionRow& row) = 0;
  virtual void Append(uint32_t lane, const v1::DeadLetterRow& row) = 0;

  // Writes the rows of the lane's commit, one file for each kind that has any, and the manifest that names them, the
  // commit, `counts` and `state`. Also with no rows: then the commit is only noted. On an error (RESOURCE_EXHAUSTED
  // "DISK_FULL", UNAVAILABLE "DISK_FAILED") the dataset is what it was and the rows are kept: call it again when there
  // is room.
  virtual absl::Status Publish(uint32_t lane, const v1::JobCounts& counts, v1::JobState state) = 0;

  // Writes the manifest anew with other counts and state. The same errors as Publish.
  virtual absl::Status UpdateState(const v1::JobCounts& counts, v1::JobState state) = 0;

  // Forgets and removes every commit of `lane` after `commit`: for a Redis that came back without them. What was
  // appended to the lane since Begin is dropped. FAILED_PRECONDITION "COMMIT_COMPACTED": one of them is part of a
  // compacted shard (Compact was told that it is durable). The same errors as Publish.
  virtual absl::Status RollBack(uint32_t lane, uint64_t commit) = 0;

  // Joins neighbouring shards of one kind that are under half of max_compacted_bytes into files of up to that size,
  // where every part's commit is at most `durable_commits[lane]`. Rows keep their order, over all lanes, and every
  // RowPosition its meaning. A reader with an older manifest may find a file gone: it loads the manifest again. The
  // same errors as Publish, and DATA_LOSS "SHARD_CORRUPT" when a file is not as long as it was written.
  virtual absl::Status Compact(const std::map<uint32_t, uint64_t>& durable_commits) = 0;

  // What is on disk.
  virtual const Manifest& manifest() const = 0;
};

}  // namespace quern::dataset
