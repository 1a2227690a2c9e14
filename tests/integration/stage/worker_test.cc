#include "common/stage/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/config/job_spec.h"
#include "common/base/error.h"
#include "common/base/trace_context.h"
#include "common/queue/ingest.h"
#include "common/queue/job_pause.h"
#include "common/queue/job_store.h"
#include "common/queue/results.h"
#include "tests/support/redis_server.h"
#include "tests/support/test_stage.h"

namespace quern::stage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestStage;

constexpr char kJob[] = "test";
constexpr absl::Duration kPatience = absl::Seconds(60);

// A filter worker on a real Redis, with a job of which only the filter runs.
class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() : store_(Redis()) {
    v1::JobSpec spec;
    spec.mutable_queue()->set_max_attempts(2);
    spec_ = *config::ResolveJobSpec(spec);
    EXPECT_TRUE(store_.Create(kJob, spec_, "/unused").ok());
  }

  queue::RedisOptions Redis() const {
    queue::RedisOptions options;
    options.url = server_.url();
    return options;
  }

  void Ingest(const std::vector<std::string>& texts) {
    std::vector<v1::IngestEntry> entries;
    for (const std::string& text : texts) {
      v1::IngestEntry& entry = entries.emplace_back();
      entry.set_position(++position_);
      entry.mutable_document()->set_id(absl::StrCat("d", position_));
      entry.mutable_document()->set_text(text);
    }
    const auto stored = queue::Ingest(Redis(), kJob, spec_, "test").Store(entries);
    ASSERT_TRUE(stored.ok()) << stored.status();
    ASSERT_EQ(stored->accepted_position, position_);
  }

  void StartWorker(StageFactory factory, size_t slots = 16) {
    runner_ = std::make_unique<Runner>(v1::STAGE_NAME_FILTER, std::move(factory),
                                       std::make_shared<boost::asio::thread_pool>(2), &stage_metrics_);
    WorkerOptions options;
    options.redis = Redis();
    options.consumer.name = absl::StrCat("worker-", ++workers_);
    options.consumer.slots = slots;
    options.backoff_base = absl::Milliseconds(1);
    options.backoff_limit = absl::Milliseconds(20);
    auto worker = Worker::Start(options, runner_.get(), &gate_, &stage_metrics_);
    ASSERT_TRUE(worker.ok()) << worker.status();
    worker_ = *std::move(worker);
  }

  void StopWorker() {
    worker_->Drain(kPatience);
    worker_.reset();
    runner_.reset();
  }

  // Waits until the queue says so.
  ::testing::AssertionResult Eventually(const std::function<bool(const v1::JobCounts& counts)>& condition) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (absl::Now() < deadline) {
      const auto job = store_.Get(kJob);
      if (job.ok() && condition(job->counts())) return ::testing::AssertionSuccess();
      absl::SleepFor(absl::Milliseconds(5));
    }
    const auto job = store_.Get(kJob);
    return ::testing::AssertionFailure() << (job.ok() ? job->counts().DebugString() : job.status().ToString());
  }

  ::testing::AssertionResult IsPausedBecause(std::string_view reason) {
    const absl::Time deadline = absl::Now() + kPatience;
    absl::StatusOr<v1::Job> job = store_.Get(kJob);
    while (absl::Now() < deadline && job.ok() && job->state() != v1::JOB_STATE_PAUSED) {
      absl::SleepFor(absl::Milliseconds(5));
      job = store_.Get(kJob);
    }
    if (!job.ok()) return ::testing::AssertionFailure() << job.status();
    if (job->state() == v1::JOB_STATE_PAUSED && job->state_reason() == reason) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << v1::JobState_Name(job->state()) << ", reason " << job->state_reason();
  }

  static uint64_t Entries(const v1::JobCounts& counts, v1::StageName stage) {
    for (const v1::StageBacklog& backlog : counts.backlog()) {
      if (backlog.stage() == stage) return backlog.entries();
    }
    return 0;
  }

  std::vector<queue::Result> Ends() {
    auto results = queue::Results(Redis(), kJob, 1).Read(0, "", 1000, INT64_MAX);
    EXPECT_TRUE(results.ok()) << results.status();
    return *std::move(results);
  }

  testing::RedisServer server_;
  queue::JobStore store_;
  v1::JobSpec spec_;
  uint64_t position_ = 0;
  int workers_ = 0;
  queue::SuspectGate gate_;
  service::Metrics metrics_{"quern-test"};
  service::StageMetrics stage_metrics_{&metrics_, v1::STAGE_NAME_FILTER};
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<Worker> worker_;
};

Outcome Turn(const StageInput& input) {
  const std::string& text = input.document->text();
  if (text == "reject") {
    v1::Rejection rejection;
    rejection.set_stage(v1::STAGE_NAME_FILTER);
    rejection.set_reason("TEST_RULE");
    return Reject{rejection, input.item};
  }
  if (text == "fault") return Fault{Fault::Of::kItem, MakeError(absl::StatusCode::kInternal, "TEST_FAULT", "broken")};
  if (text == "throw") throw std::runtime_error("canary " + text);
  return TestStage::Pass(input);
}

TEST_F(WorkerTest, SettlesEachItemAsTheStageSays) {
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i)
    texts.push_back(i % 4 == 0 ? "keep" : i % 4 == 1 ? "reject" : i % 4 == 2 ? "fault" : "throw");
  Ingest(texts);
  StartWorker(TestStage::Factory(&Turn));
  ASSERT_TRUE(Eventually([](const v1::JobCounts& counts) {
    return Entries(counts, v1::STAGE_NAME_FILTER) == 0 && Entries(counts, v1::STAGE_NAME_UNSPECIFIED) == 30;
  }));
  StopWorker();
  const auto job = store_.Get(kJob);
  EXPECT_EQ(Entries(job->counts(), v1::STAGE_NAME_PERSONA), 10u);
  std::map<std::string, int> reasons;
  for (const queue::Result& end : Ends()) {
    if (end.terminal.has_rejection()) ++reasons[end.terminal.rejection().reason()];
    if (!end.terminal.has_death()) continue;
    ++reasons[end.terminal.death().reason()];
    EXPECT_EQ(end.terminal.death().attempts(), 2u);
    EXPECT_THAT(end.terminal.death().message(), Not(HasSubstr("canary")));
  }
  EXPECT_EQ(reasons, (std::map<std::string, int>{{"TEST_RULE", 10}, {"TEST_FAULT", 10}, {"INTERNAL_ERROR", 10}}));
  EXPECT_THAT(metrics_.Text(), HasSubstr("quern_stage_processed_total{outcome=\"rejected\",stage=\"filter\"} 10"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("quern_stage_processed_total{outcome=\"item_fault\",stage=\"filter\"} 40"));
}

TEST_F(WorkerTest, AnItemKeepsWhatItsAttemptsUsedAndWhenTheyWere) {
  Ingest({"recovers", "dies", "rejected"});
  absl::Mutex mutex;
  std::map<std::string, std::string> traces;
  StartWorker(TestStage::Factory([&](const StageInput& input) -> Outcome {
    {
      absl::MutexLock lock(&mutex);
      traces[input.document->id()] = input.trace.trace_id;
    }
    const std::string& text = input.document->text();
    if (input.attempts == 0 || text == "dies") {
      Fault fault{Fault::Of::kItem, MakeError(absl::StatusCode::kInternal, "TEST_FAULT", "broken")};
      fault.trace.set_calls(2);
      fault.trace.set_input_tokens(20);
      fault.trace.set_cost(0.5);
      return fault;
    }
    v1::WorkItem item = input.item;
    item.add_trace()->set_stage(v1::STAGE_NAME_FILTER);
    v1::Rejection rejection;
    rejection.set_reason("TEST_RULE");
    return Reject{rejection, item};
  }));
  ASSERT_TRUE(Eventually([](const v1::JobCounts& counts) { return Entries(counts, v1::STAGE_NAME_UNSPECIFIED) == 3; }));
  StopWorker();
  const auto check = [](const v1::FailedAttempt& attempt) {
    EXPECT_EQ(attempt.stage(), v1::STAGE_NAME_FILTER);
    EXPECT_EQ(attempt.reason(), "TEST_FAULT");
    EXPECT_EQ(attempt.calls(), 2u);
    EXPECT_EQ(attempt.input_tokens(), 20u);
    EXPECT_DOUBLE_EQ(attempt.cost(), 0.5);
    EXPECT_GT(attempt.started_ms(), 0);
    EXPECT_GE(attempt.ended_ms(), attempt.started_ms());
  };
  for (const queue::Result& end : Ends()) {
    const v1::WorkItem& item = end.terminal.item();
    ASSERT_EQ(item.failed_attempts_size(), end.terminal.has_death() ? 2 : 1);
    for (const v1::FailedAttempt& attempt : item.failed_attempts()) check(attempt);
    EXPECT_EQ(traces[item.document_id()], DerivedTraceId(kJob, item.document_id()));
    if (end.terminal.has_death()) continue;
    EXPECT_EQ(item.trace(0).attempts(), 1u);
    EXPECT_EQ(item.trace(0).deliveries(), 0u) << "nobody crashed";
    EXPECT_GE(item.trace(0).started_ms(), item.failed_attempts(0).ended_ms());
  }
}

TEST_F(WorkerTest, AFaultOfTheEnvironmentCostsTheItemsNothing) {
  Ingest(std::vector<std::string>(20, "keep"));
  std::atomic<int> calls{0};
  StartWorker(TestStage::Factory([&](const StageInput& input) -> Outcome {
    if (++calls > 60) return TestStage::Pass(input);
    return Fault{Fault::Of::kEnvironment, MakeError(absl::StatusCode::kUnavailable, "ENDPOINT_DOWN", "refused")};
  }));
  ASSERT_TRUE(Eventually([](const v1::JobCounts& counts) { return Entries(counts, v1::STAGE_NAME_PERSONA) == 20; }));
  StopWorker();
  EXPECT_GT(calls, 60);
  EXPECT_TRUE(Ends().empty());
  EXPECT_EQ(store_.Get(kJob)->counts().retries(), 0u);
}

TEST_F(WorkerTest, ASpecThatTheStageRefusesPausesTheJobAndSaysWhy) {
  Ingest(std::vector<std::string>(5, "keep"));
  std::atomic<bool> refuse{true};
  StartWorker([&](const v1::JobSpec&) -> absl::StatusOr<std::shared_ptr<Stage>> {
    if (refuse) return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC", "no such rule");
    return std::make_shared<TestStage>(&TestStage::Pass);
  });
  ASSERT_TRUE(IsPausedBecause("filter: INVALID_SPEC: no such rule"));
  refuse = false;
  ASSERT_TRUE(store_.SetState(kJob, v1::JOB_STATE_RUNNING, "").ok());
  ASSERT_TRUE(Eventually([](const v1::JobCounts& counts) { return Entries(counts, v1::STAGE_NAME_PERSONA) == 5; }));
  StopWorker();
  EXPECT_TRUE(Ends().empty());
  EXPECT_EQ(store_.Get(kJob)->state_reason(), "");
}

TEST_F(WorkerTest, AFaultOfTheJobPausesItAndCostsTheItemsNothing) {
  Ingest(std::vector<std::string>(50, "keep"));
  std::atomic<bool> paid{false};
  std::atomic<int> refused{0};
  StartWorker(
      TestStage::Factory([&](const StageInput& input) -> Outcome {
        if (paid) return TestStage::Pass(input);
        ++refused;
        return Fault{Fault::Of::kJob, MakeError(absl::StatusCode::kResourceExhausted, "QUOTA", "no money left")};
      }),
      /*slots=*/4);
  ASSERT_TRUE(IsPausedBecause("filter: QUOTA: no money left"));
  const int before = refused;
  // What ran beside the first, and one batch that had been started.
  EXPECT_LE(before, 8);
  paid = true;
  ASSERT_TRUE(store_.SetState(kJob, v1::JOB_STATE_RUNNING, "").ok());
  ASSERT_TRUE(Eventually([](const v1::JobCounts& counts) { return Entries(counts, v1::STAGE_NAME_PERSONA) == 50; }));
  StopWorker();
  EXPECT_TRUE(Ends().empty());
  EXPECT_EQ(store_.Get(kJob)->counts().retries(), 0u);
}

TEST_F(WorkerTest, WhatWasLearnedBeforeAJobWasResumedPausesItNoMore) {
  queue::Redis redis(Redis());
  const queue::RunningJob job(kJob, "", std::make_shared<const v1::JobSpec>(spec_));
  const auto pause = [&](int64_t learned_ms) {
    return queue::PauseRunningJob(redis, job, "no money left", learned_ms);
  };
  ASSERT_TRUE(pause(absl::ToUnixMillis(absl::Now())).ok());
  ASSERT_EQ(store_.Get(kJob)->state(), v1::JOB_STATE_PAUSED);
  ASSERT_TRUE(store_.SetState(kJob, v1::JOB_STATE_RUNNING, "").ok());
  ASSERT_TRUE(pause(absl::ToUnixMillis(absl::Now() - absl::Minutes(1))).ok());
  EXPECT_EQ(store_.Get(kJob)->state(), v1::JOB_STATE_RUNNING);
  ASSERT_TRUE(pause(absl::ToUnixMillis(absl::Now() + absl::Minutes(1))).ok());
  EXPECT_EQ(store_.Get(kJob)->state(), v1::JOB_STATE_PAUSED);
}

TEST_F(WorkerTest, AJobThatAPersonPausedKeepsThePersonsReason) {
  Ingest({"keep"});
  absl::Notification running;
  absl::Notification go_on;
  StartWorker(TestStage::Factory([&](const StageInput&) -> Outcome {
    running.Notify();
    go_on.WaitForNotification();
    return Fault{Fault::Of::kJob, MakeError(absl::StatusCode::kResourceExhausted, "QUOTA", "no money left")};
  }));
  running.WaitForNotification();
  ASSERT_TRUE(store_.SetState(kJob, v1::JOB_STATE_PAUSED, "").ok());
  go_on.Notify();
  StopWorker();
  EXPECT_EQ(store_.Get(kJob)->state(), v1::JOB_STATE_PAUSED);
  EXPECT_EQ(store_.Get(kJob)->state_reason(), "");
}

TEST_F(WorkerTest, ADrainFinishesWhatRunsAndLeavesTheRestToOthers) {
  Ingest(std::vector<std::string>(50, "keep"));
  absl::Notification running;
  absl::Notification go_on;
  std::atomic<int> started{0};
  StartWorker(TestStage::Factory([&](const StageInput& input) {
                if (++started == 2) running.Notify();
                go_on.WaitForNotification();
                return TestStage::Pass(input);
              }),
              /*slots=*/2);
  running.WaitForNotification();
  std::thread drain([&] { worker_->Drain(kPatience); });
  go_on.Notify();
  drain.join();
  StopWorker();
  const uint64_t advanced = Entries(store_.Get(kJob)->counts(), v1::STAGE_NAME_PERSONA);
  EXPECT_GE(advanced, 2u);
  StartWorker(TestStage::Factory(&TestStage::Pass));
  // At once: what was handed back needs no lease to run out.
  ASSERT_TRUE(Eventually([](const v1::JobCounts& counts) { return Entries(counts, v1::STAGE_NAME_PERSONA) == 50; }));
  StopWorker();
  EXPECT_EQ(store_.Get(kJob)->counts().reclaimed(), 0u);
}

}  // namespace
}  // namespace quern::stage
