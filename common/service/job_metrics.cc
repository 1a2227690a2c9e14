#include "common/service/job_metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>

#include "absl/synchronization/mutex.h"
#include "common/service/families.h"
#include "common/service/stage_metrics.h"

namespace quern::service {
namespace {

using prometheus::MetricType;

// Sums over jobs, replaced as a whole. Thread-safe.
class JobSums : public prometheus::Collectable {
 public:
  void Set(const std::vector<v1::Job>& jobs) {
    Sums sums;
    for (const v1::Job& job : jobs) Add(job, &sums);
    absl::MutexLock lock(&mutex_);
    sums_ = std::move(sums);
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    absl::MutexLock lock(&mutex_);
    std::vector<prometheus::MetricFamily> families = Documents();
    for (prometheus::MetricFamily& family : Queue()) families.push_back(std::move(family));
    return families;
  }

 private:
  struct Sums {
    v1::DocumentCounts documents;
    v1::ItemCounts items;
    double difference = 0;
    std::map<std::string, std::pair<double, double>> backlog;            // Stage: entries, of them pending.
    std::map<std::pair<std::string, std::string>, double> dead_letters;  // By stage and reason.
    std::map<std::string, double> paused;
  };

  static void Add(const v1::Job& job, Sums* sums) {
    const v1::DocumentCounts& d = job.counts().documents();
    v1::DocumentCounts& documents = sums->documents;
    documents.set_accepted(documents.accepted() + d.accepted());
    documents.set_expanded(documents.expanded() + d.expanded());
    documents.set_rejected(documents.rejected() + d.rejected());
    documents.set_dead(documents.dead() + d.dead());
    documents.set_cancelled(documents.cancelled() + d.cancelled());
    documents.set_in_flight(documents.in_flight() + d.in_flight());
    const v1::ItemCounts& i = job.counts().items();
    v1::ItemCounts& items = sums->items;
    items.set_created(items.created() + i.created());
    items.set_records(items.records() + i.records());
    items.set_rejected(items.rejected() + i.rejected());
    items.set_dead(items.dead() + i.dead());
    items.set_cancelled(items.cancelled() + i.cancelled());
    items.set_in_flight(items.in_flight() + i.in_flight());
    sums->difference +=
        Difference(d.accepted(), d.expanded() + d.rejected() + d.dead() + d.cancelled() + d.in_flight());
    sums->difference += Difference(i.created(), i.records() + i.rejected() + i.dead() + i.cancelled() + i.in_flight());
    for (const v1::StageBacklog& backlog : job.counts().backlog()) {
      auto& [entries, pending] = sums->backlog[std::string(StageLabel(backlog.stage()))];
      entries += static_cast<double>(backlog.entries());
      pending += static_cast<double>(backlog.pending());
    }
    for (const v1::ReasonCount& count : job.counts().dead_letters()) {
      sums->dead_letters[{std::string(StageLabel(count.stage())), count.reason()}] +=
          static_cast<double>(count.count());
    }
    if (job.state() == v1::JOB_STATE_PAUSED) {
      ++sums->paused[job.state_reason().empty() ? "REQUESTED" : job.state_reason()];
    }
  }

  // Jobs must not make up for one another's differences.
  static double Difference(uint64_t a, uint64_t b) { return static_cast<double>(a > b ? a - b : b - a); }

  std::vector<prometheus::MetricFamily> Documents() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    const v1::DocumentCounts& d = sums_.documents;
    const v1::ItemCounts& i = sums_.items;
    const auto value = [](uint64_t count) { return static_cast<double>(count); };
    return {
        FamilyBuilder(MetricType::Counter, "quern_documents_accepted_total", "Documents and unreadable lines taken in.")
            .Value(value(d.accepted()))
            .Take(),
        FamilyBuilder(MetricType::Counter, "quern_documents_finished_total",
                      "Documents expanded into items, or ended before that.")
            .Value(value(d.expanded()), {{"outcome", "expanded"}})
            .Value(value(d.rejected()), {{"outcome", "rejected"}})
            .Value(value(d.dead()), {{"outcome", "dead"}})
            .Value(value(d.cancelled()), {{"outcome", "cancelled"}})
            .Take(),
        FamilyBuilder(MetricType::Gauge, "quern_documents_in_flight", "Documents not yet expanded or ended.")
            .Value(value(d.in_flight()))
            .Take(),
        FamilyBuilder(MetricType::Counter, "quern_items_created_total", "Items that documents were expanded into.")
            .Value(value(i.created()))
            .Take(),
        FamilyBuilder(MetricType::Counter, "quern_items_finished_total", "Items ended, records among them.")
            .Value(value(i.records()), {{"outcome", "record"}})
            .Value(value(i.rejected()), {{"outcome", "rejected"}})
            .Value(value(i.dead()), {{"outcome", "dead"}})
            .Value(value(i.cancelled()), {{"outcome", "cancelled"}})
            .Take(),
        FamilyBuilder(MetricType::Gauge, "quern_items_in_flight", "Items not yet ended.")
            .Value(value(i.in_flight()))
            .Take(),
        FamilyBuilder(MetricType::Gauge, "quern_reconciliation_difference",
                      "Documents and items by which counts do not add up. Never expected.")
            .Value(sums_.difference)
            .Take(),
    };
  }

  std::vector<prometheus::MetricFamily> Queue() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    FamilyBuilder entries(MetricType::Gauge, "quern_queue_backlog_entries",
                          "Entries in a stage's streams, those being worked on included.");
    FamilyBuilder pending(MetricType::Gauge, "quern_queue_pending_entries", "Entries that a worker holds.");
    for (const auto& [stage, counts] : sums_.backlog) {
      entries.Value(counts.first, {{"stage", stage}});
      pending.Value(counts.second, {{"stage", stage}});
    }
    FamilyBuilder dead_total(MetricType::Counter, "quern_dead_letters_total", "Dead letters of the jobs in Redis.");
    for (const auto& [key, count] : sums_.dead_letters) {
      dead_total.Value(count, {{"stage", key.first}, {"reason", key.second}});
    }
    FamilyBuilder paused(MetricType::Gauge, "quern_paused", "Jobs that are paused.");
    for (const auto& [reason, count] : sums_.paused) paused.Value(count, {{"reason", reason}});
    return {entries.Take(), pending.Take(), dead_total.Take(),
            FamilyBuilder(MetricType::Gauge, "quern_dead_letters", "Dead letters that were not redriven.")
                .Value(static_cast<double>(sums_.documents.dead() + sums_.items.dead()))
                .Take(),
            paused.Take()};
  }

  mutable absl::Mutex mutex_;
  Sums sums_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

struct JobMetrics::Parts {
  std::shared_ptr<JobSums> sums = std::make_shared<JobSums>();
  prometheus::Counter* records;
  prometheus::Counter* bytes;
  prometheus::Histogram* fsync;
};

JobMetrics::JobMetrics(Metrics* metrics) : parts_(std::make_unique<Parts>()) {
  metrics->Add(parts_->sums);
  parts_->records = &prometheus::BuildCounter()
                         .Name("quern_sink_records_total")
                         .Help("Records written to disk.")
                         .Register(metrics->registry())
                         .Add({});
  parts_->bytes = &prometheus::BuildCounter()
                       .Name("quern_sink_bytes_total")
                       .Help("Bytes written to disk, compressed.")
                       .Register(metrics->registry())
                       .Add({});
  parts_->fsync = &prometheus::BuildHistogram()
                       .Name("quern_sink_fsync_seconds")
                       .Help("Time that making a shard durable took.")
                       .Register(metrics->registry())
                       .Add({}, prometheus::Histogram::BucketBoundaries{0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10});
}

JobMetrics::~JobMetrics() = default;

void JobMetrics::Set(const std::vector<v1::Job>& jobs) { parts_->sums->Set(jobs); }

void JobMetrics::SinkCommitted(uint64_t records, uint64_t bytes, absl::Duration fsync) {
  parts_->records->Increment(static_cast<double>(records));
  parts_->bytes->Increment(static_cast<double>(bytes));
  parts_->fsync->Observe(absl::ToDoubleSeconds(fsync));
}

}  // namespace quern::service
