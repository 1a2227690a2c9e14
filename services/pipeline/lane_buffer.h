#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/queue/results.h"
#include "common/queue/terminal_tally.h"
#include "common/service/job_metrics.h"
#include "quern/v1/job.pb.h"
#include "services/pipeline/terminal_row.h"

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

// The results of one lane that were read and not yet committed, in stream order: what the commit has to tell, while
// their rows are the dataset writer's. Thread-compatible.
class LaneBuffer {
 public:
  struct End {
    service::JobMetrics::End how;
    absl::Time accepted;
  };
  // For the log.
  struct DeadLetter {
    std::string key;
    std::string document;
    v1::StageName stage;
    std::string reason;
    uint32_t attempts;
    uint32_t deliveries;
    std::string trace_id;
  };

  // A result that was not made into a row yet.
  void Add(const RowContext& context, absl::Time now, const queue::Result& result);
  void Clear();

  bool empty() const { return tally_.results == 0; }
  // How many of the results are records.
  uint64_t records() const { return records_; }
  // Its last id is where to read on.
  const queue::TerminalTally& tally() const { return tally_; }
  // Of results that were accepted at a known time, and not cancelled.
  const std::vector<End>& ends() const { return ends_; }
  const std::vector<DeadLetter>& dead_letters() const { return dead_letters_; }

  // True when a size limit is reached: read no more, commit.
  bool Full(const CommitLimits& limits) const;
  // True when it is time to commit.
  bool Due(const CommitLimits& limits, absl::Time now) const;
  // How many results to read at once so that one read brings a few megabytes.
  size_t ReadLimit() const;

 private:
  queue::TerminalTally tally_;
  std::vector<End> ends_;
  std::vector<DeadLetter> dead_letters_;
  // Held in Redis, readable or not.
  uint64_t documents_ = 0;
  uint64_t document_bytes_ = 0;
  uint64_t row_bytes_ = 0;
  uint64_t records_ = 0;
  absl::Time opened_at_;
};

}  // namespace quern::pipeline
