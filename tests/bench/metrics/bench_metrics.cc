// What metrics cost where work is done: one observation of each kind, on one thread and on four at once.
#include <benchmark/benchmark.h>

#include "common/service/metrics.h"
#include "common/service/model_metrics.h"
#include "common/service/redis_metrics.h"
#include "common/service/stage_metrics.h"

namespace quern {
namespace {

service::Metrics& AllMetrics() {
  static service::Metrics& metrics = *new service::Metrics("bench");
  return metrics;
}

// A call to a model that was answered: eight families.
void ModelCall(benchmark::State& state) {
  static service::ModelMetrics& models = *new service::ModelMetrics(&AllMetrics());
  llm::CallReport report;
  report.stage = "verifier";
  report.model = "small";
  report.code = "200";
  report.duration = absl::Seconds(3);
  report.usage.input = 2000;
  report.usage.cached = 1800;
  report.usage.output = 70;
  report.cost = 0.001;
  report.finish_reason = "stop";
  for (auto _ : state) models.Observe(report);
}
BENCHMARK(ModelCall)->Name("metrics_model_call")->Threads(1)->Threads(4)->UseRealTime();

void StageItem(benchmark::State& state) {
  static service::StageMetrics& stage = *new service::StageMetrics(&AllMetrics(), v1::STAGE_NAME_VERIFIER);
  for (auto _ : state) stage.Processed(service::StageMetrics::Outcome::kAdvanced, absl::Milliseconds(2));
}
BENCHMARK(StageItem)->Name("metrics_stage_item")->Threads(1)->Threads(4)->UseRealTime();

void RedisRoundTrip(benchmark::State& state) {
  static service::RedisMetrics& redis = *new service::RedisMetrics(&AllMetrics());
  for (auto _ : state) redis.Observe("XREADGROUP", absl::Microseconds(300));
}
BENCHMARK(RedisRoundTrip)->Name("metrics_redis_round_trip")->Threads(1)->Threads(4)->UseRealTime();

}  // namespace
}  // namespace quern
