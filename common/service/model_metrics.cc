#include "common/service/model_metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/service/counter_set.h"
#include "common/service/families.h"

namespace quern::service {
namespace {

// The endpoints of a hub, asked at each scrape. Thread-safe.
class EndpointMetrics : public prometheus::Collectable {
 public:
  void Watch(const llm::Hub* hub) {
    absl::MutexLock lock(&mutex_);
    hub_ = hub;
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    FamilyBuilder limit(prometheus::MetricType::Gauge, "quern_llm_concurrency_limit",
                        "Calls that an endpoint is given at once, as adapted to it.");
    FamilyBuilder in_use(prometheus::MetricType::Gauge, "quern_llm_concurrency_in_use", "Calls in flight.");
    FamilyBuilder open(prometheus::MetricType::Gauge, "quern_llm_breaker_open",
                       "1 while an endpoint does not answer and is only tried now and then.");
    absl::MutexLock lock(&mutex_);
    if (hub_ == nullptr) return {};
    for (const auto& endpoint : hub_->endpoints()) {
      const std::vector<prometheus::ClientMetric::Label> labels = {{"endpoint", endpoint->name()}};
      limit.Value(static_cast<double>(endpoint->slots().limit()), labels);
      in_use.Value(static_cast<double>(endpoint->slots().in_use()), labels);
      open.Value(endpoint->down() ? 1 : 0, labels);
    }
    std::vector<prometheus::MetricFamily> families = {limit.Take(), in_use.Take(), open.Take()};
    if (const llm::ReplyCache* replies = hub_->replies()) {
      FamilyBuilder lost(prometheus::MetricType::Counter, "quern_llm_reply_cache_lost_total",
                         "Replies that the cache could not keep: it is full, or its disk fails or is slow.");
      lost.Value(static_cast<double>(replies->lost()));
      families.push_back(lost.Take());
    }
    if (const llm::Batches* batches = hub_->batches()) {
      FamilyBuilder calls(prometheus::MetricType::Gauge, "quern_llm_batch_calls",
                          "Calls that wait for a batch to be sent, and those in batches without an answer yet.");
      FamilyBuilder sent(prometheus::MetricType::Gauge, "quern_llm_batches_under_way",
                         "Batches that the provider works on, as far as this process waits for them.");
      const llm::BatchCounts counts = batches->counts();
      calls.Value(static_cast<double>(counts.calls_gathered), {{"state", "gathered"}});
      calls.Value(static_cast<double>(counts.calls_sent), {{"state", "sent"}});
      sent.Value(static_cast<double>(counts.batches_sent));
      families.push_back(calls.Take());
      families.push_back(sent.Take());
    }
    return families;
  }

 private:
  mutable absl::Mutex mutex_;
  const llm::Hub* hub_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

const prometheus::Histogram::BucketBoundaries& CallSeconds() {
  static const auto& bounds =
      *new prometheus::Histogram::BucketBoundaries{0.1, 0.3, 1, 2, 5, 10, 20, 40, 80, 160, 300, 600};
  return bounds;
}

}  // namespace

struct ModelMetrics::Parts {
  explicit Parts(Metrics* metrics)
      : requests(metrics, "quern_llm_requests_total", "HTTP requests to models, by their outcome.", "code"),
        tokens(metrics, "quern_llm_tokens_total", "Tokens of answered calls; input holds cached.", "type"),
        cost(metrics, "quern_llm_cost_dollars_total", "Cost by the job's prices."),
        ambiguous(metrics, "quern_llm_ambiguous_calls_total",
                  "Calls that may have been billed although no reply came."),
        retries(metrics, "quern_llm_retries_total", "Requests that are sent again, by reason.", "reason"),
        finishes(metrics, "quern_llm_finish_total", "Replies by finish_reason.", "reason"),
        reused(metrics, "quern_llm_reused_replies_total", "Replies taken from the cache, not asked for."),
        durations(prometheus::BuildHistogram()
                      .Name("quern_llm_request_duration_seconds")
                      .Help("From sending a request to the end of its reply.")
                      .Register(metrics->registry())),
        endpoints(std::make_shared<EndpointMetrics>()) {
    metrics->Add(endpoints);
  }

  prometheus::Histogram& Duration(std::string_view stage, std::string_view model) {
    const std::pair<std::string, std::string> key(stage, model);
    absl::MutexLock lock(&mutex);
    prometheus::Histogram*& known = by_stage_and_model[key];
    if (known == nullptr) known = &durations.Add({{"stage", key.first}, {"model", key.second}}, CallSeconds());
    return *known;
  }

  CounterSet requests;
  CounterSet tokens;
  CounterSet cost;
  CounterSet ambiguous;
  CounterSet retries;
  CounterSet finishes;
  CounterSet reused;
  prometheus::Family<prometheus::Histogram>& durations;
  absl::Mutex mutex;
  absl::flat_hash_map<std::pair<std::string, std::string>, prometheus::Histogram*> by_stage_and_model
      ABSL_GUARDED_BY(mutex);
  const std::shared_ptr<EndpointMetrics> endpoints;
};

ModelMetrics::ModelMetrics(Metrics* metrics) : parts_(std::make_unique<Parts>(metrics)) {}
ModelMetrics::~ModelMetrics() { ForgetHub(); }

void ModelMetrics::WatchHub(const llm::Hub* hub) { parts_->endpoints->Watch(hub); }
void ModelMetrics::ForgetHub() { parts_->endpoints->Watch(nullptr); }

void ModelMetrics::Observe(const llm::CallReport& report) {
  const auto add = [&](CounterSet& counters, double by, std::string_view value = "") {
    if (by > 0) counters.Add(report.stage, report.model, by, value);
  };
  add(parts_->requests, 1, report.code);
  parts_->Duration(report.stage, report.model).Observe(absl::ToDoubleSeconds(report.duration));
  if (!report.retried.empty()) add(parts_->retries, 1, report.retried);
  if (report.ambiguous) add(parts_->ambiguous, 1);
  if (!report.finish_reason.empty()) {
    // Servers invent reasons; a label must not.
    const bool known = report.finish_reason == "stop" || report.finish_reason == "length" ||
                       report.finish_reason == "content_filter" || report.finish_reason == "tool_calls";
    add(parts_->finishes, 1, known ? report.finish_reason : "other");
  }
  add(parts_->tokens, static_cast<double>(report.usage.input), "input");
  add(parts_->tokens, static_cast<double>(report.usage.cached), "cached");
  add(parts_->tokens, static_cast<double>(report.usage.output), "output");
  add(parts_->cost, report.cost);
}

void ModelMetrics::ObserveReuse(const llm::ReuseReport& report) { parts_->reused.Add(report.stage, report.model, 1); }

}  // namespace quern::service
