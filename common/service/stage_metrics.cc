#include "common/service/stage_metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>

#include "absl/synchronization/mutex.h"
#include "common/service/families.h"

namespace quern::service {
namespace {

using prometheus::Histogram;

// From a rule's microseconds to a model's minutes.
const Histogram::BucketBoundaries& Seconds() {
  static const Histogram::BucketBoundaries& bounds =
      *new Histogram::BucketBoundaries{0.0001, 0.001, 0.01, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 600};
  return bounds;
}

// The counts of a stage's consumer, asked at each scrape. Thread-safe.
class ConsumerMetrics : public prometheus::Collectable {
 public:
  explicit ConsumerMetrics(std::string stage) : stage_(std::move(stage)) {}

  void Watch(std::function<queue::ConsumerStats()> stats) {
    absl::MutexLock lock(&mutex_);
    stats_ = std::move(stats);
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    absl::MutexLock lock(&mutex_);
    if (!stats_) return {};
    const queue::ConsumerStats stats = stats_();
    return {
        Counter("quern_fenced_transitions_total", "Transitions refused: somebody else had already made them.",
                stats.fenced),
        Counter("quern_queue_reclaimed_total", "Entries taken over from a worker that stopped renewing.",
                stats.reclaimed),
        Counter("quern_redis_reconnects_total", "Connections to Redis that had to be opened again.", stats.reconnects),
        Counter("quern_queue_lost_entries_total", "Entries found gone or unreadable. Never expected.", stats.lost),
        FamilyBuilder(prometheus::MetricType::Gauge, "quern_queue_last_progress_timestamp_seconds",
                      "When a worker of the stage last finished an entry or found nothing to do.")
            .Value(absl::ToDoubleSeconds(stats.last_progress - absl::UnixEpoch()), {{"stage", stage_}})
            .Take()};
  }

 private:
  prometheus::MetricFamily Counter(const char* name, const char* help, uint64_t value) const {
    return FamilyBuilder(prometheus::MetricType::Counter, name, help)
        .Value(static_cast<double>(value), {{"stage", stage_}})
        .Take();
  }

  const std::string stage_;
  mutable absl::Mutex mutex_;
  std::function<queue::ConsumerStats()> stats_ ABSL_GUARDED_BY(mutex_);
};

prometheus::Family<prometheus::Counter>& Retries(Metrics* metrics) {
  return prometheus::BuildCounter()
      .Name("quern_retries_total")
      .Help("Handled errors of items that are tried again.")
      .Register(metrics->registry());
}

}  // namespace

std::string_view StageLabel(v1::StageName stage) {
  switch (stage) {
    case v1::STAGE_NAME_INGEST:
      return "ingest";
    case v1::STAGE_NAME_FILTER:
      return "filter";
    case v1::STAGE_NAME_PERSONA:
      return "persona";
    case v1::STAGE_NAME_GENERATOR:
      return "generator";
    case v1::STAGE_NAME_VERIFIER:
      return "verifier";
    default:
      return "results";
  }
}

struct StageMetrics::Parts {
  std::string stage;
  std::array<prometheus::Counter*, 5> processed;
  prometheus::Histogram* duration;
  prometheus::Family<prometheus::Counter>* retries;
  std::shared_ptr<ConsumerMetrics> consumer;
};

StageMetrics::StageMetrics(Metrics* metrics, v1::StageName stage) : parts_(std::make_unique<Parts>()) {
  parts_->stage = StageLabel(stage);
  auto& processed = prometheus::BuildCounter()
                        .Name("quern_stage_processed_total")
                        .Help("Items that went through a stage, by RPC or from the queue.")
                        .Register(metrics->registry());
  size_t i = 0;
  for (const char* outcome : {"advanced", "rejected", "item_fault", "environment_fault", "job_fault"}) {
    parts_->processed[i++] = &processed.Add({{"stage", parts_->stage}, {"outcome", outcome}});
  }
  parts_->duration = &prometheus::BuildHistogram()
                          .Name("quern_stage_duration_seconds")
                          .Help("Time that a stage took for an item.")
                          .Register(metrics->registry())
                          .Add({{"stage", parts_->stage}}, Seconds());
  parts_->retries = &Retries(metrics);
  parts_->consumer = std::make_shared<ConsumerMetrics>(parts_->stage);
  metrics->Add(parts_->consumer);
}

StageMetrics::~StageMetrics() { ForgetConsumer(); }

void StageMetrics::Processed(Outcome outcome, absl::Duration duration) {
  parts_->processed[static_cast<size_t>(outcome)]->Increment();
  parts_->duration->Observe(absl::ToDoubleSeconds(duration));
}

void StageMetrics::Retried(std::string_view reason) {
  parts_->retries->Add({{"stage", parts_->stage}, {"reason", std::string(reason)}}).Increment();
}

void StageMetrics::WatchConsumer(std::function<queue::ConsumerStats()> stats) {
  parts_->consumer->Watch(std::move(stats));
}

void StageMetrics::ForgetConsumer() { parts_->consumer->Watch(nullptr); }

}  // namespace quern::service
