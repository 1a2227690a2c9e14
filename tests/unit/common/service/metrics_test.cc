#include "common/service/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/service/job_metrics.h"
#include "common/service/redis_metrics.h"
#include "common/service/stage_metrics.h"

namespace quern::service {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string FamilyNames(const std::string& text) {
  std::string names;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StartsWith(line, "# TYPE ")) continue;
    names.append(line.substr(7).data(), line.substr(7).size());
    names += '\n';
  }
  return names;
}

v1::Job JobWithCounts() {
  v1::Job job;
  job.set_state(v1::JOB_STATE_PAUSED);
  job.mutable_counts()->mutable_documents()->set_accepted(10);
  job.mutable_counts()->mutable_documents()->set_expanded(7);
  job.mutable_counts()->mutable_documents()->set_dead(1);
  job.mutable_counts()->mutable_documents()->set_in_flight(2);
  auto* letters = job.mutable_counts()->add_dead_letters();
  letters->set_stage(v1::STAGE_NAME_INGEST);
  letters->set_reason("INVALID_UTF8");
  letters->set_count(1);
  auto* rejections = job.mutable_counts()->add_rejections();
  rejections->set_stage(v1::STAGE_NAME_FILTER);
  rejections->set_reason("LANGUAGE");
  rejections->set_count(3);
  auto* domain = job.mutable_counts()->add_domains();
  domain->set_domain("Math");
  domain->set_records(4);
  auto* backlog = job.mutable_counts()->add_backlog();
  backlog->set_stage(v1::STAGE_NAME_FILTER);
  backlog->set_entries(2);
  backlog->set_pending(1);
  return job;
}

// Dashboards and alerts hang on these names: a change here is a change for every operator.
TEST(MetricsTest, NamesAreFrozen) {
  Metrics metrics("quern-test");
  StageMetrics stage(&metrics, v1::STAGE_NAME_FILTER);
  stage.WatchConsumer([] { return queue::ConsumerStats(); });
  stage.Retried("MODEL_REPLY");
  JobMetrics jobs(&metrics);
  jobs.Set({JobWithCounts()});
  jobs.SetRedis({});
  RedisMetrics redis(&metrics);
  redis.Observe("XREADGROUP", absl::Milliseconds(1));
  EXPECT_EQ(FamilyNames(metrics.Text()),
            "process_cpu_seconds_total counter\n"
            "process_open_fds gauge\n"
            "process_resident_memory_bytes gauge\n"
            "process_start_time_seconds gauge\n"
            "process_threads gauge\n"
            "process_virtual_memory_bytes gauge\n"
            "quern_build_info gauge\n"
            "quern_dead_letters gauge\n"
            "quern_dead_letters_total counter\n"
            "quern_document_end_to_end_seconds histogram\n"
            "quern_documents_accepted_total counter\n"
            "quern_documents_finished_total counter\n"
            "quern_documents_in_flight gauge\n"
            "quern_domain_records_total counter\n"
            "quern_fenced_transitions_total counter\n"
            "quern_items_created_total counter\n"
            "quern_items_finished_total counter\n"
            "quern_items_in_flight gauge\n"
            "quern_llm_budget_dollars gauge\n"
            "quern_llm_budget_spent_dollars gauge\n"
            "quern_llm_budget_spent_ratio gauge\n"
            "quern_paused gauge\n"
            "quern_queue_backlog_entries gauge\n"
            "quern_queue_last_progress_timestamp_seconds gauge\n"
            "quern_queue_lost_entries_total counter\n"
            "quern_queue_oldest_entry_age_seconds gauge\n"
            "quern_queue_pending_entries gauge\n"
            "quern_queue_reclaimed_total counter\n"
            "quern_reconciliation_difference gauge\n"
            "quern_redis_command_duration_seconds histogram\n"
            "quern_redis_evicted_keys_total counter\n"
            "quern_redis_log_failing gauge\n"
            "quern_redis_memory_limit_bytes gauge\n"
            "quern_redis_memory_used_bytes gauge\n"
            "quern_redis_reconnects_total counter\n"
            "quern_rejections_total counter\n"
            "quern_retries_total counter\n"
            "quern_sink_bytes_total counter\n"
            "quern_sink_fsync_seconds histogram\n"
            "quern_sink_records_total counter\n"
            "quern_stage_duration_seconds histogram\n"
            "quern_stage_processed_total counter\n");
}

TEST(MetricsTest, StagesOfOneProcessShareTheirFamilies) {
  Metrics metrics("quern");
  StageMetrics filter(&metrics, v1::STAGE_NAME_FILTER);
  StageMetrics persona(&metrics, v1::STAGE_NAME_PERSONA);
  for (StageMetrics* stage : {&filter, &persona}) stage->WatchConsumer([] { return queue::ConsumerStats(); });
  filter.Processed(StageMetrics::Outcome::kRejected, absl::Milliseconds(2));
  const std::string text = metrics.Text();
  const std::string names = FamilyNames(text);
  const std::vector<std::string> lines = absl::StrSplit(names, '\n');
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), lines.size());
  EXPECT_THAT(text, HasSubstr("quern_stage_processed_total{outcome=\"rejected\",stage=\"filter\"} 1"));
  EXPECT_THAT(text, HasSubstr("quern_fenced_transitions_total{stage=\"persona\"} 0"));
  filter.ForgetConsumer();
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("quern_fenced_transitions_total{stage=\"filter\"}")));
}

TEST(MetricsTest, JobsAreSummedAndDifferencesDoNotCancelOut) {
  Metrics metrics("quern-pipeline");
  JobMetrics jobs(&metrics);
  jobs.Set({});
  v1::Job more = JobWithCounts();
  more.set_name("jobs/more");
  more.mutable_counts()->mutable_documents()->set_accepted(11);
  v1::Job fewer = JobWithCounts();
  fewer.set_name("jobs/fewer");
  fewer.mutable_counts()->mutable_documents()->set_accepted(9);
  fewer.set_state_reason("filter: KEY_REFUSED: 10.0.0.1: the key is wrong: HTTP 401");
  jobs.Set({more, fewer});
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("quern_documents_accepted_total 20"));
  EXPECT_THAT(text, HasSubstr("quern_documents_finished_total{outcome=\"expanded\"} 14"));
  EXPECT_THAT(text, HasSubstr("quern_reconciliation_difference 2"));
  EXPECT_THAT(text, HasSubstr("quern_dead_letters_total{stage=\"ingest\",reason=\"INVALID_UTF8\"} 2"));
  EXPECT_THAT(text, HasSubstr("quern_dead_letters 2"));
  EXPECT_THAT(text, HasSubstr("quern_rejections_total{stage=\"filter\",reason=\"LANGUAGE\"} 6"));
  EXPECT_THAT(text, HasSubstr("quern_domain_records_total{domain=\"Math\"} 8"));
  EXPECT_THAT(text, HasSubstr("quern_paused{reason=\"REQUESTED\"} 1"));
  EXPECT_THAT(text, HasSubstr("quern_paused{reason=\"KEY_REFUSED\"} 1"));
}

// A job that left Redis took its documents out of the counter, and a rate took the rest for new ones.
TEST(MetricsTest, CountersNeverFall) {
  Metrics metrics("quern-pipeline");
  JobMetrics jobs(&metrics);
  v1::Job old = JobWithCounts();
  old.set_name("jobs/old");
  jobs.Set({old});
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_documents_accepted_total 0")) << "an earlier process has told of these";
  old.mutable_counts()->mutable_documents()->set_accepted(15);
  v1::Job fresh = JobWithCounts();
  fresh.set_name("jobs/fresh");
  jobs.Set({old, fresh});
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_documents_accepted_total 15"));
  // A redrive.
  fresh.mutable_counts()->mutable_dead_letters(0)->set_count(0);
  jobs.Set({fresh});
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_documents_accepted_total 15"));
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_dead_letters_total{stage=\"ingest\",reason=\"INVALID_UTF8\"} 1"));
  // Another of the same name.
  fresh.mutable_created_at()->set_seconds(7);
  jobs.Set({fresh});
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_documents_accepted_total 25"));
}

TEST(MetricsTest, WhatWaitsInAPausedJobIsNotOld) {
  Metrics metrics("quern-pipeline");
  JobMetrics jobs(&metrics);
  v1::Job job = JobWithCounts();
  job.mutable_counts()->mutable_backlog(0)->mutable_oldest_at()->set_seconds(1000);
  jobs.Set({job});
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_queue_oldest_entry_age_seconds{stage=\"filter\"} 0\n"));
  job.set_state(v1::JOB_STATE_RUNNING);
  jobs.Set({job});
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_queue_oldest_entry_age_seconds{stage=\"filter\"} 1"));
}

TEST(MetricsTest, BudgetsOfUnfinishedJobsAreTold) {
  Metrics metrics("quern-pipeline");
  JobMetrics jobs(&metrics);
  v1::Job job = JobWithCounts();
  job.mutable_budget()->set_max_cost(10);
  job.add_usage()->mutable_usage()->set_cost(4);
  job.add_usage()->mutable_usage()->set_cost(5);
  v1::Job ended = job;
  ended.set_state(v1::JOB_STATE_COMPLETED);
  v1::Job large = job;
  large.mutable_budget()->set_max_cost(1000);
  jobs.Set({job, large, ended});
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_llm_budget_dollars 1010"));
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_llm_budget_spent_dollars 18"));
  EXPECT_THAT(metrics.Text(), HasSubstr("quern_llm_budget_spent_ratio 0.9"));
}

TEST(MetricsTest, APortInUseIsAClearError) {
  Metrics first("quern-test");
  ASSERT_TRUE(first.Expose("127.0.0.1:0").ok());
  EXPECT_THAT(first.address(), ::testing::MatchesRegex("127.0.0.1:[1-9][0-9]*"));
  Metrics second("quern-test");
  const absl::Status in_use = second.Expose(first.address());
  EXPECT_EQ(ErrorReason(in_use), "ADDRESS_IN_USE");
  EXPECT_THAT(std::string(in_use.message()), HasSubstr("--metrics"));
  EXPECT_TRUE(second.Expose("off").ok());
  EXPECT_EQ(second.address(), "");
}

TEST(MetricsTest, TheProcessIsMeasured) {
  const std::string text = Metrics("quern-test").Text();
  EXPECT_THAT(text, HasSubstr("quern_build_info{process=\"quern-test\",version=\"0."));
  EXPECT_THAT(text, Not(HasSubstr("process_resident_memory_bytes 0\n")));
}

}  // namespace
}  // namespace quern::service
