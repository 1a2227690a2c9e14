#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/queue/consumer.h"
#include "common/queue/redis.h"
#include "common/queue/suspect_gate.h"
#include "common/service/stage_metrics.h"
#include "common/stage/runner.h"

namespace quern::stage {

struct WorkerOptions {
  queue::RedisOptions redis;
  // `stage` and `name` are filled in.
  queue::ConsumerOptions consumer;
  // Wait before a retry: full jitter over backoff_base × 2^attempts, at most backoff_limit.
  absl::Duration backoff_base = absl::Milliseconds(500);
  absl::Duration backoff_limit = absl::Seconds(60);
};

// Takes a stage's work from Redis, runs it through the stage and settles it: an advance or a rejection as the stage
// says; a fault of the item is tried again and ends as a dead letter; a fault of the environment costs the item
// nothing, it is handed back and no work of its job starts until a backoff is over. Thread-safe.
class Worker {
 public:
  // `runner`, `gate` and `metrics` outlive it. INVALID_ARGUMENT: options. Redis may be away.
  static absl::StatusOr<std::unique_ptr<Worker>> Start(WorkerOptions options, Runner* runner, queue::SuspectGate* gate,
                                                       service::StageMetrics* metrics);
  // Drains with no grace.
  ~Worker();

  // Stops reading and waits up to `grace` for what is under way; the rest is handed back. Idempotent.
  void Drain(absl::Duration grace);

  queue::ConsumerStats stats() const;

 private:
  class Impl;
  explicit Worker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quern::stage
