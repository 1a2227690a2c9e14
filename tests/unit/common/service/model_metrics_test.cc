#include "common/service/model_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quern::service {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

llm::CallReport Answered() {
  llm::CallReport report;
  report.stage = "verifier";
  report.model = "m";
  report.document = "secret-document";
  report.code = "200";
  report.duration = absl::Seconds(3);
  report.usage.input = 100;
  report.usage.cached = 40;
  report.usage.output = 7;
  report.cost = 0.25;
  report.finish_reason = "stop";
  return report;
}

TEST(ModelMetricsTest, ACallIsCountedByStageModelAndOutcome) {
  Metrics metrics("quern-test");
  ModelMetrics models(&metrics);
  models.Observe(Answered());
  models.Observe(Answered());
  const std::string text = metrics.Text();
  const std::string labels = R"(model="m",stage="verifier")";
  EXPECT_THAT(text, HasSubstr(R"(quern_llm_requests_total{code="200",)" + labels + "} 2"));
  EXPECT_THAT(text, HasSubstr("quern_llm_tokens_total{" + labels + R"(,type="input"} 200)"));
  EXPECT_THAT(text, HasSubstr("quern_llm_tokens_total{" + labels + R"(,type="cached"} 80)"));
  EXPECT_THAT(text, HasSubstr("quern_llm_tokens_total{" + labels + R"(,type="output"} 14)"));
  EXPECT_THAT(text, HasSubstr("quern_llm_cost_dollars_total{" + labels + "} 0.5"));
  EXPECT_THAT(text, HasSubstr("quern_llm_request_duration_seconds_bucket{" + labels + R"(,le="5"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(quern_llm_finish_total{model="m",reason="stop",stage="verifier"} 2)"));
  EXPECT_THAT(text, Not(HasSubstr("secret-document")));
}

TEST(ModelMetricsTest, LostCallsRetriesAndReuseAreToldApart) {
  Metrics metrics("quern-test");
  ModelMetrics models(&metrics);
  llm::CallReport lost;
  lost.stage = "filter";
  lost.model = "m";
  lost.code = "lost";
  lost.ambiguous = true;
  lost.retried = "CONNECTION_LOST";
  models.Observe(lost);
  llm::ReuseReport reuse;
  reuse.stage = "filter";
  reuse.model = "m";
  models.ObserveReuse(reuse);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr(R"(quern_llm_requests_total{code="lost",model="m",stage="filter"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(quern_llm_ambiguous_calls_total{model="m",stage="filter"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(quern_llm_retries_total{model="m",reason="CONNECTION_LOST",stage="filter"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(quern_llm_reused_replies_total{model="m",stage="filter"} 1)"));
  EXPECT_THAT(text, Not(HasSubstr("quern_llm_tokens_total{")));
}

TEST(ModelMetricsTest, AReasonThatAServerInventsMakesNoLabel) {
  Metrics metrics("quern-test");
  ModelMetrics models(&metrics);
  llm::CallReport report = Answered();
  report.finish_reason = "because of 17 reasons";
  models.Observe(report);
  EXPECT_THAT(metrics.Text(), HasSubstr(R"(reason="other")"));
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("17 reasons")));
}

TEST(ModelMetricsTest, EndpointsAreReadWhileTheirHubIsWatched) {
  Metrics metrics("quern-test");
  ModelMetrics models(&metrics);
  {
    llm::Hub hub(nullptr, &models);
    models.WatchHub(&hub);
    v1::ModelSpec model;
    model.set_model("qwen");
    model.set_max_concurrency(12);
    const auto endpoint = hub.EndpointFor(model, "http://user:password@127.0.0.1:1/v1");
    EXPECT_THAT(metrics.Text(), HasSubstr(R"(quern_llm_concurrency_limit{endpoint="127.0.0.1:1/v1 qwen"} 12)"));
    EXPECT_THAT(metrics.Text(), HasSubstr(R"(quern_llm_breaker_open{endpoint="127.0.0.1:1/v1 qwen"} 0)"));
    EXPECT_THAT(metrics.Text(), Not(HasSubstr("password")));
    models.ForgetHub();
  }
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("quern_llm_concurrency_limit")));
}

}  // namespace
}  // namespace quern::service
