#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "common/queue/results.h"
#include "quern/v1/job.pb.h"

namespace quern::pipeline {

// When what a lane has gathered is written and committed. All are upper limits; reaching one is enough.
struct CommitLimits {
  // Documents, and bytes of documents, held in Redis by what is gathered: half of what the lane may hold at all, so
  // that the sink never starves ingest.
  uint64_t documents = 10'000;
  uint64_t document_bytes = 128 << 20;
  // Uncompressed bytes of rows.
  uint64_t row_bytes = 64 << 20;
  absl::Duration age = absl::Seconds(10);
};

// The limits for one lane of a job. `resolved` has its defaults filled in.
CommitLimits LimitsOf(const v1::JobSpec& resolved);

// Results of one lane that were read and not yet committed, in stream order. Thread-compatible.
class LaneBuffer {
 public:
  void Add(absl::Time now, std::vector<queue::Result> results);
  void Clear();

  const std::vector<queue::Result>& results() const { return results_; }
  // As they are made into rows.
  std::vector<queue::Result>& results() { return results_; }
  bool empty() const { return results_.empty(); }
  // How many of the results are records.
  uint64_t records() const { return records_; }
  // Where to read on: the last id, "" when empty.
  const std::string& last_id() const { return last_id_; }

  // True when a size limit is reached: read no more, commit.
  bool Full(const CommitLimits& limits) const;
  // True when it is time to commit.
  bool Due(const CommitLimits& limits, absl::Time now) const;
  // How many results to read at once so that one read brings a few megabytes.
  size_t ReadLimit() const;

 private:
  std::vector<queue::Result> results_;
  std::string last_id_;
  absl::flat_hash_set<uint64_t> document_hashes_;
  uint64_t document_bytes_ = 0;
  uint64_t row_bytes_ = 0;
  uint64_t records_ = 0;
  absl::Time opened_at_;
};

}  // namespace quern::pipeline
