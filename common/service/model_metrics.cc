#include "common/service/model_metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
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

prometheus::Family<prometheus::Counter>& CounterFamily(Metrics* metrics, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(metrics->registry());
}

const prometheus::Histogram::BucketBoundaries& CallSeconds() {
  static const auto& bounds =
      *new prometheus::Histogram::BucketBoundaries{0.1, 0.3, 1, 2, 5, 10, 20, 40, 80, 160, 300, 600};
  return bounds;
}

}  // namespace

struct ModelMetrics::Parts {
  explicit Parts(Metrics* metrics)
      : requests(CounterFamily(metrics, "quern_llm_requests_total", "HTTP requests to models, by their outcome.")),
        tokens(CounterFamily(metrics, "quern_llm_tokens_total", "Tokens of answered calls; input holds cached.")),
        cost(CounterFamily(metrics, "quern_llm_cost_dollars_total", "Cost by the job's prices.")),
        ambiguous(CounterFamily(metrics, "quern_llm_ambiguous_calls_total",
                                "Calls that may have been billed although no reply came.")),
        retries(CounterFamily(metrics, "quern_llm_retries_total", "Requests that are sent again, by reason.")),
        finishes(CounterFamily(metrics, "quern_llm_finish_total", "Replies by finish_reason.")),
        reused(
            CounterFamily(metrics, "quern_llm_reused_replies_total", "Replies taken from the cache, not asked for.")),
        duration(prometheus::BuildHistogram()
                     .Name("quern_llm_request_duration_seconds")
                     .Help("From sending a request to the end of its reply.")
                     .Register(metrics->registry())),
        endpoints(std::make_shared<EndpointMetrics>()) {
    metrics->Add(endpoints);
  }

  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Counter>& tokens;
  prometheus::Family<prometheus::Counter>& cost;
  prometheus::Family<prometheus::Counter>& ambiguous;
  prometheus::Family<prometheus::Counter>& retries;
  prometheus::Family<prometheus::Counter>& finishes;
  prometheus::Family<prometheus::Counter>& reused;
  prometheus::Family<prometheus::Histogram>& duration;
  const std::shared_ptr<EndpointMetrics> endpoints;
};

ModelMetrics::ModelMetrics(Metrics* metrics) : parts_(std::make_unique<Parts>(metrics)) {}
ModelMetrics::~ModelMetrics() { ForgetHub(); }

void ModelMetrics::WatchHub(const llm::Hub* hub) { parts_->endpoints->Watch(hub); }
void ModelMetrics::ForgetHub() { parts_->endpoints->Watch(nullptr); }

void ModelMetrics::Observe(const llm::CallReport& report) {
  const std::string stage(report.stage);
  const std::string model(report.model);
  const prometheus::Labels labels = {{"stage", stage}, {"model", model}};
  const auto with = [&](const char* name, std::string value) {
    prometheus::Labels more = labels;
    more.emplace(name, std::move(value));
    return more;
  };
  parts_->requests.Add(with("code", report.code)).Increment();
  parts_->duration.Add(labels, CallSeconds()).Observe(absl::ToDoubleSeconds(report.duration));
  if (!report.retried.empty()) parts_->retries.Add(with("reason", std::string(report.retried))).Increment();
  if (report.ambiguous) parts_->ambiguous.Add(labels).Increment();
  if (!report.finish_reason.empty()) {
    // Servers invent reasons; a label must not.
    const bool known = report.finish_reason == "stop" || report.finish_reason == "length" ||
                       report.finish_reason == "content_filter" || report.finish_reason == "tool_calls";
    parts_->finishes.Add(with("reason", known ? std::string(report.finish_reason) : "other")).Increment();
  }
  const llm::Usage& usage = report.usage;
  if (usage.input > 0) parts_->tokens.Add(with("type", "input")).Increment(static_cast<double>(usage.input));
  if (usage.cached > 0) parts_->tokens.Add(with("type", "cached")).Increment(static_cast<double>(usage.cached));
  if (usage.output > 0) parts_->tokens.Add(with("type", "output")).Increment(static_cast<double>(usage.output));
  if (report.cost > 0) parts_->cost.Add(labels).Increment(report.cost);
}

void ModelMetrics::ObserveReuse(const llm::ReuseReport& report) {
  parts_->reused.Add({{"stage", std::string(report.stage)}, {"model", std::string(report.model)}}).Increment();
}

}  // namespace quern::service
