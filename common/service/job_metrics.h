#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/service/metrics.h"
#include "quern/v1/job.pb.h"

namespace quern::service {

// What quern-pipeline alone exports about all its jobs together, so that replicas of other processes add up right:
// documents_accepted_total, documents_finished_total, documents_in_flight, reconciliation_difference,
// queue_backlog_entries, queue_pending_entries, dead_letters_total, dead_letters, paused, sink_records_total,
// sink_bytes_total, sink_fsync_seconds. Thread-safe.
class JobMetrics {
 public:
  // `metrics` outlives it.
  explicit JobMetrics(Metrics* metrics);
  ~JobMetrics();

  // Replaces what is exported by the sums over `jobs` (those in Redis, each with its counts).
  void Set(const std::vector<v1::Job>& jobs);

  // `records` and `bytes` more were written to disk by a sink; `fsync` is what its fsync took.
  void SinkCommitted(uint64_t records, uint64_t bytes, absl::Duration fsync);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quern::service
