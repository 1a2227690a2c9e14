#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "absl/time/time.h"
#include "common/queue/consumer.h"
#include "common/service/metrics.h"
#include "quern/v1/work.pb.h"

namespace quern::service {

// "filter", "persona", …: the value of the label `stage`.
std::string_view StageLabel(v1::StageName stage);

// What a stage exports: stage_processed_total, stage_duration_seconds, retries_total, and, once it has a consumer,
// fenced_transitions_total, queue_reclaimed_total and redis_reconnects_total. Thread-safe.
class StageMetrics {
 public:
  enum class Outcome { kAdvanced, kRejected, kItemFault, kEnvironmentFault, kJobFault };

  // `metrics` outlives it.
  StageMetrics(Metrics* metrics, v1::StageName stage);
  ~StageMetrics();

  // One item went through the stage, by RPC or from the queue.
  void Processed(Outcome outcome, absl::Duration duration);

  // A handled error of this reason is tried again.
  void Retried(std::string_view reason);

  // Reads the consumer's counts at every scrape. `stats` must stay callable until ForgetConsumer.
  void WatchConsumer(std::function<queue::ConsumerStats()> stats);
  void ForgetConsumer();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quern::service
