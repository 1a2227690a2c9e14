#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/queue/redis_safety.h"
#include "common/service/metrics.h"
#include "quern/v1/job.pb.h"

namespace quern::service {

// What quern-pipeline alone exports, so that replicas of other processes add up right. Of all its jobs together:
// documents_accepted_total, documents_finished_total, documents_in_flight, items_created_total, items_finished_total,
// items_in_flight, reconciliation_difference, queue_backlog_entries, queue_pending_entries,
// queue_oldest_entry_age_seconds, rejections_total, domain_records_total, dead_letters_total, dead_letters, paused,
// llm_budget_dollars, llm_budget_spent_dollars. Of Redis: redis_memory_used_bytes, redis_memory_limit_bytes,
// redis_evicted_keys_total, redis_log_failing. Of the sink: sink_records_total, sink_bytes_total, sink_fsync_seconds,
// document_end_to_end_seconds.
// Thread-safe.
class JobMetrics {
 public:
  // `metrics` outlives it.
  explicit JobMetrics(Metrics* metrics);
  ~JobMetrics();

  // Exports how `jobs` stand (those in Redis, each with its counts), and adds to the counters what they have counted
  // since the last call (see JobCounters).
  void Set(const std::vector<v1::Job>& jobs);

  void SetRedis(const queue::RedisCondition& condition);

  // A document's record, rejection or dead letter was committed, so long after the document was accepted.
  enum class End { kRecord, kRejected, kDead };
  void Ended(End end, absl::Duration after);

  // `records` and `bytes` more were written to disk by a sink; `fsync` is what its fsync took.
  void SinkCommitted(uint64_t records, uint64_t bytes, absl::Duration fsync);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quern::service
