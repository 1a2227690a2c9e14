#include "common/service/job_metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/service/families.h"
#include "common/service/job_counters.h"
#include "common/service/stage_metrics.h"

namespace quern::service {
namespace {

using prometheus::MetricType;

// The stable name in a state's reason, "KEY_REFUSED" of "filter: KEY_REFUSED: …": a label's values must be few.
std::string ReasonLabel(const std::string& state_reason) {
  if (state_reason.empty()) return "REQUESTED";
  for (const absl::string_view part : absl::StrSplit(state_reason, ": ")) {
    const bool name = std::all_of(part.begin(), part.end(), [](char c) {
      return absl::ascii_isupper(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
             c == '_';
    });
    if (name && !part.empty()) return std::string(part.data(), part.size());
  }
  return "OTHER";
}

// What all jobs together have counted, and how they stand. Thread-safe.
class JobSums : public prometheus::Collectable {
 public:
  void Set(const std::vector<v1::Job>& jobs) {
    Sums sums;
    for (const v1::Job& job : jobs) Add(job, &sums);
    absl::MutexLock lock(&mutex_);
    sums_ = std::move(sums);
    counters_.Look(jobs);
  }

  void SetRedis(const queue::RedisCondition& condition) {
    absl::MutexLock lock(&mutex_);
    redis_ = condition;
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    absl::MutexLock lock(&mutex_);
    std::vector<prometheus::MetricFamily> families = Counters();
    for (prometheus::MetricFamily& family : Gauges()) families.push_back(std::move(family));
    for (prometheus::MetricFamily& family : OfRedis()) families.push_back(std::move(family));
    return families;
  }

 private:
  struct Sums {
    double documents_in_flight = 0;
    double items_in_flight = 0;
    double dead = 0;
    double difference = 0;
    std::map<std::string, std::pair<double, double>> backlog;  // Stage: entries, of them pending.
    std::map<std::string, absl::Time> oldest;                  // Stage: its oldest entry of a job that runs.
    std::map<std::string, double> paused;
    // Of the jobs that have a cap and have not ended.
    double budget = 0;
    double spent = 0;
    double most_spent = 0;  // Of the job that has spent most of its own: a share.
  };

  static void Add(const v1::Job& job, Sums* sums) {
    const v1::DocumentCounts& d = job.counts().documents();
    const v1::ItemCounts& i = job.counts().items();
    sums->documents_in_flight += static_cast<double>(d.in_flight());
    sums->items_in_flight += static_cast<double>(i.in_flight());
    sums->dead += static_cast<double>(d.dead() + i.dead());
    sums->difference +=
        Difference(d.accepted(), d.expanded() + d.rejected() + d.dead() + d.cancelled() + d.in_flight());
    sums->difference += Difference(i.created(), i.records() + i.rejected() + i.dead() + i.cancelled() + i.in_flight());
    for (const v1::StageBacklog& backlog : job.counts().backlog()) {
      auto& [entries, pending] = sums->backlog[std::string(StageLabel(backlog.stage()))];
      entries += static_cast<double>(backlog.entries());
      pending += static_cast<double>(backlog.pending());
      absl::Time& oldest =
          sums->oldest.try_emplace(std::string(StageLabel(backlog.stage())), absl::InfiniteFuture()).first->second;
      if (job.state() == v1::JOB_STATE_RUNNING && backlog.has_oldest_at()) {
        oldest = std::min(oldest, absl::FromUnixSeconds(backlog.oldest_at().seconds()) +
                                      absl::Nanoseconds(backlog.oldest_at().nanos()));
      }
    }
    if (job.state() == v1::JOB_STATE_PAUSED) ++sums->paused[ReasonLabel(job.state_reason())];
    const bool ended = job.state() == v1::JOB_STATE_COMPLETED || job.state() == v1::JOB_STATE_CANCELLED;
    if (ended || job.budget().max_cost() <= 0) return;
    double spent = 0;
    for (const v1::StageUsage& usage : job.usage()) spent += usage.usage().cost();
    sums->budget += job.budget().max_cost();
    sums->spent += spent;
    sums->most_spent = std::max(sums->most_spent, spent / job.budget().max_cost());
  }

  // Jobs must not make up for one another's differences.
  static double Difference(uint64_t a, uint64_t b) { return static_cast<double>(a > b ? a - b : b - a); }

  std::vector<prometheus::MetricFamily> Counters() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    struct Family {
      const char* name;
      const char* help;
      std::vector<const char*> labels;
    };
    static const std::vector<Family>* const kFamilies = new std::vector<Family>{
        {"documents_accepted", "Documents and unreadable lines taken in.", {}},
        {"documents_finished", "Documents expanded into items, or ended before that.", {"outcome"}},
        {"items_created", "Items that documents were expanded into.", {}},
        {"items_finished", "Items ended, records among them.", {"outcome"}},
        {"dead_letters", "Documents and items that became dead letters.", {"stage", "reason"}},
        {"rejections", "Documents and items that were rejected, by rule or verdict.", {"stage", "reason"}},
        {"domain_records", "Records by their domain.", {"domain"}},
    };
    std::vector<prometheus::MetricFamily> families;
    for (const Family& family : *kFamilies) {
      FamilyBuilder builder(MetricType::Counter, absl::StrCat("quern_", family.name, "_total"), family.help);
      for (const auto& [key, total] : counters_.totals()) {
        if (std::get<0>(key) != family.name) continue;
        std::vector<prometheus::ClientMetric::Label> labels;
        if (!family.labels.empty()) labels.push_back({family.labels[0], std::get<1>(key)});
        if (family.labels.size() > 1) labels.push_back({family.labels[1], std::get<2>(key)});
        builder.Value(total, std::move(labels));
      }
      families.push_back(builder.Take());
    }
    return families;
  }

  std::vector<prometheus::MetricFamily> Gauges() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    const auto gauge = [](const char* name, const char* help, double value) {
      return FamilyBuilder(MetricType::Gauge, name, help).Value(value).Take();
    };
    FamilyBuilder entries(MetricType::Gauge, "quern_queue_backlog_entries",
                          "Entries in a stage's streams, those being worked on included.");
    FamilyBuilder pending(MetricType::Gauge, "quern_queue_pending_entries", "Entries that a worker holds.");
    for (const auto& [stage, counts] : sums_.backlog) {
      entries.Value(counts.first, {{"stage", stage}});
      pending.Value(counts.second, {{"stage", stage}});
    }
    FamilyBuilder oldest(
        MetricType::Gauge, "quern_queue_oldest_entry_age_seconds",
        "Age of a stage's oldest entry of the jobs that are not paused, since it came or was tried last.");
    const absl::Time now = absl::Now();
    for (const auto& [stage, written] : sums_.oldest) {
      oldest.Value(std::max(0.0, absl::ToDoubleSeconds(now - std::min(written, now))), {{"stage", stage}});
    }
    FamilyBuilder paused(MetricType::Gauge, "quern_paused", "Jobs that are paused.");
    for (const auto& [reason, count] : sums_.paused) paused.Value(count, {{"reason", reason}});
    return {
        gauge("quern_documents_in_flight", "Documents not yet expanded or ended.", sums_.documents_in_flight),
        gauge("quern_items_in_flight", "Items not yet ended.", sums_.items_in_flight),
        gauge("quern_reconciliation_difference", "Documents and items by which counts do not add up. Never expected.",
              sums_.difference),
        entries.Take(),
        pending.Take(),
        oldest.Take(),
        gauge("quern_dead_letters", "Dead letters of the jobs in Redis that were not redriven.", sums_.dead),
        paused.Take(),
        gauge("quern_llm_budget_dollars", "Caps on cost, of the jobs that have one and have not ended.", sums_.budget),
        gauge("quern_llm_budget_spent_dollars", "What these jobs have spent.", sums_.spent),
        gauge("quern_llm_budget_spent_ratio", "What the one of them has spent of its cap that has spent most of it.",
              sums_.most_spent),
    };
  }

  std::vector<prometheus::MetricFamily> OfRedis() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    // Nothing is told before it was asked for the first time.
    if (!redis_) return {};
    const auto one = [](MetricType type, const char* name, const char* help, double value) {
      return FamilyBuilder(type, name, help).Value(value).Take();
    };
    return {
        one(MetricType::Gauge, "quern_redis_memory_used_bytes", "Memory that Redis uses.",
            static_cast<double>(redis_->memory_used)),
        one(MetricType::Gauge, "quern_redis_memory_limit_bytes", "Redis' maxmemory, 0 for none.",
            static_cast<double>(redis_->memory_limit)),
        one(MetricType::Counter, "quern_redis_evicted_keys_total", "Keys that Redis threw away. Never expected.",
            static_cast<double>(redis_->evicted_keys)),
        one(MetricType::Gauge, "quern_redis_log_failing",
            "1 while Redis could not write or rewrite its append-only file the last time.",
            redis_->log_failing ? 1 : 0),
    };
  }

  mutable absl::Mutex mutex_;
  Sums sums_ ABSL_GUARDED_BY(mutex_);
  JobCounters counters_ ABSL_GUARDED_BY(mutex_);
  std::optional<queue::RedisCondition> redis_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

struct JobMetrics::Parts {
  std::shared_ptr<JobSums> sums = std::make_shared<JobSums>();
  prometheus::Counter* records;
  prometheus::Counter* bytes;
  prometheus::Histogram* fsync;
  // By JobMetrics::End.
  std::array<prometheus::Histogram*, 3> end_to_end;
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
  auto& end_to_end = prometheus::BuildHistogram()
                         .Name("quern_document_end_to_end_seconds")
                         .Help("From accepting a document to committing its record, rejection or dead letter.")
                         .Register(metrics->registry());
  const prometheus::Histogram::BucketBoundaries bounds = {1,   3,   10,   30,   60,       120,
                                                          300, 600, 1800, 3600, 4 * 3600, 24 * 3600};
  const std::array<const char*, 3> outcomes = {"record", "rejected", "dead"};
  for (size_t i = 0; i < outcomes.size(); ++i)
    parts_->end_to_end[i] = &end_to_end.Add({{"outcome", outcomes[i]}}, bounds);
}

JobMetrics::~JobMetrics() = default;

void JobMetrics::Ended(End end, absl::Duration after) {
  parts_->end_to_end[static_cast<size_t>(end)]->Observe(absl::ToDoubleSeconds(after));
}

void JobMetrics::Set(const std::vector<v1::Job>& jobs) { parts_->sums->Set(jobs); }

void JobMetrics::SetRedis(const queue::RedisCondition& condition) { parts_->sums->SetRedis(condition); }

void JobMetrics::SinkCommitted(uint64_t records, uint64_t bytes, absl::Duration fsync) {
  parts_->records->Increment(static_cast<double>(records));
  parts_->bytes->Increment(static_cast<double>(bytes));
  parts_->fsync->Observe(absl::ToDoubleSeconds(fsync));
}

}  // namespace quern::service
