// Pause, resume, cancel, redrive and delete.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/time/clock.h"
#include "common/queue/redriver.h"
#include "tests/integration/queue/support/counts_sampler.h"
#include "tests/integration/queue/support/delayed_work.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

class ControlTest : public JobFixture {};

TEST_F(ControlTest, NothingStartsWhileAJobIsPausedAndNothingIsLostByManyPauses) {
  CreateJob();
  std::atomic<int> started = 0;
  DelayedWork delayed(absl::Milliseconds(2), Advancing(1));
  const Work slow = delayed.AsWork();
  Workers workers(
      redis_.url(), "w",
      [&](v1::StageName stage, queue::Delivery delivery) {
        ++started;
        slow(stage, std::move(delivery));
      },
      [](queue::ConsumerOptions& options) { options.slots = 4; });
  MemorySink sink(At(redis_.url()), "job", 1, false);
  CountsSampler sampler(redis_.url(), "job");
  Store(Documents(1, 1500));
  for (int toggle = 0; toggle < 20; ++toggle) {
    ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_PAUSED, "NO_BUDGET").ok());
    ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_RUNNING, "").ok());
    ASSERT_TRUE(sink.Step().ok());
  }
  ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_PAUSED, "NO_BUDGET").ok());
  EXPECT_EQ(Job().state_reason(), "NO_BUDGET");
  // The promise is 2 s; what was read before the pause is started at once.
  absl::SleepFor(absl::Milliseconds(1500));
  const int before = started;
  absl::SleepFor(absl::Milliseconds(500));
  EXPECT_EQ(started, before);
  EXPECT_GT(Job().counts().documents().in_flight() + Job().counts().items().in_flight(), 0u)
      << "the test paused too late";
  ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_RUNNING, "").ok());
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  sink.RunUntilEnded(absl::Seconds(30));
  EXPECT_EQ(sink.Keys("record").size(), 1500u);
  EXPECT_EQ(started, 4 * 1500) << "a pause repeats nothing";
}

TEST_F(ControlTest, ACancelledJobDrainsIntoCancelledTerminalsWithoutTheHandler) {
  CreateJob();
  Store(Documents(1, 300));
  MemorySink sink(At(redis_.url()), "job", 1, false);
  std::atomic<int> started = 0;
  absl::Mutex mutex;
  std::vector<queue::Delivery> held;
  auto workers = std::make_unique<Workers>(
      redis_.url(), "w",
      [&](v1::StageName, queue::Delivery delivery) {
        ++started;
        absl::MutexLock lock(&mutex);
        held.push_back(std::move(delivery));
      },
      [](queue::ConsumerOptions& options) { options.slots = 20; });
  WaitUntil([&] { return started == 20; }, "the workers hold what they can");
  ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_CANCELLING, "").ok());
  ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_CANCELLING, "").ok()) << "repeating it is fine";
  {
    // What finishes now has been overtaken.
    absl::MutexLock lock(&mutex);
    for (queue::Delivery& delivery : held) std::move(delivery).Advance({delivery.item()});
    held.clear();
  }
  sink.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(started, 20);
  EXPECT_EQ(sink.Keys("cancelled").size(), 300u);
  const v1::Job job = Job();
  EXPECT_EQ(job.state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(job.counts().documents().cancelled(), 300u);
  const absl::Status ended = jobs_.SetState("job", v1::JOB_STATE_RUNNING, "");
  EXPECT_TRUE(absl::IsFailedPrecondition(ended));
  EXPECT_EQ(ended.message(), "job job is cancelled");
  EXPECT_TRUE(jobs_.SetState("job", v1::JOB_STATE_CANCELLING, "").ok());
}

TEST_F(ControlTest, TenRedrivesAtOnceMakeOneRunOfEachLetter) {
  CreateJob();
  Store(Documents(1, 60));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  std::atomic<bool> broken = true;
  std::atomic<int> verified = 0;
  Workers workers(redis_.url(), "w", [&](v1::StageName stage, queue::Delivery delivery) {
    if (stage == v1::STAGE_NAME_VERIFIER && broken) return std::move(delivery).Die("ENDPOINT", "gone");
    if (stage == v1::STAGE_NAME_FILTER && delivery.item().document_id() == "d7" && broken) {
      return std::move(delivery).Die("ENDPOINT", "gone");
    }
    verified += stage == v1::STAGE_NAME_VERIFIER;
    Advancing(2)(stage, std::move(delivery));
  });
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(Job().state(), v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(Job().counts().items().dead(), 118u);
  EXPECT_EQ(Job().counts().documents().dead(), 1u);
  EXPECT_EQ(Job().counts().documents_held(), 0u) << "dead letters hold nothing in Redis";

  broken = false;
  const std::vector<v1::DeadLetterRow> letters = sink.DeadLetters();
  CountsSampler sampler(redis_.url(), "job");
  std::atomic<uint64_t> redriven = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&] {
      queue::Redriver redriver(At(redis_.url()), "job", spec_);
      const auto went = redriver.Redrive(letters);
      ASSERT_TRUE(went.ok()) << went.status().message();
      redriven += *went;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(redriven, 119u);
  sink.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(verified, 118 + 2);
  EXPECT_EQ(sink.Keys("record").size(), 120u);
  const v1::Job job = Job();
  EXPECT_EQ(job.counts().items().dead() + job.counts().documents().dead(), 0u);
  EXPECT_EQ(job.counts().dead_letters_size(), 0);
  EXPECT_EQ(job.counts().items().records(), 120u);
  queue::Redriver redriver(At(redis_.url()), "job", spec_);
  const auto flags = redriver.Redriven(letters);
  ASSERT_TRUE(flags.ok());
  EXPECT_EQ(std::count(flags->begin(), flags->end(), true), 119);
}

TEST_F(ControlTest, ADeletedJobLeavesNoKeyAndItsWorkersDoNotBringAnyBack) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_lanes(2);
  CreateJob(spec);
  Store(Documents(1, 200));
  DelayedWork delayed(absl::Milliseconds(300), Advancing(2));
  Workers workers(redis_.url(), "w", delayed.AsWork());
  WaitUntil([&] { return workers.stats().held > 0; }, "the workers hold something");
  ASSERT_TRUE(jobs_.Delete("job").ok());
  WaitUntil([&] { return workers.stats().held == 0; }, "the workers let go");
  queue::Redis admin(At(redis_.url()));
  const auto keys = admin.Command({"KEYS", "*"});
  ASSERT_TRUE(keys.ok());
  for (const auto& key : keys->array) ADD_FAILURE() << key.string;
  EXPECT_TRUE(jobs_.Delete("job").ok());
  EXPECT_TRUE(absl::IsNotFound(jobs_.Get("job").status()));

  // The same id may be used again, with another spec.
  CreateJob();
  Store(Documents(1, 10));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(sink.Keys("record").size(), 20u);
}

TEST_F(ControlTest, JobsAreCreatedOnceListedAndTold) {
  CreateJob();
  CreateJob();
  v1::JobSpec other;
  other.set_seed(5);
  EXPECT_TRUE(absl::IsAlreadyExists(jobs_.Create("job", other, "").status()));
  ASSERT_TRUE(jobs_.Create("another", other, "").ok());
  const auto listed = jobs_.List("", 10);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].name(), "jobs/another");
  EXPECT_EQ(jobs_.List("another", 10)->size(), 1u);
  EXPECT_EQ(jobs_.Active()->size(), 2u);
  EXPECT_TRUE(absl::IsNotFound(jobs_.SetState("nobody", v1::JOB_STATE_PAUSED, "")));
  // An empty job whose input is closed is complete.
  ASSERT_TRUE(jobs_.CloseInput("another").ok());
  EXPECT_EQ(*jobs_.TryFinish("another"), v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(jobs_.Active()->size(), 1u);
  EXPECT_TRUE(jobs_.Get("another")->has_finished_at());
}

}  // namespace
}  // namespace quern::testing
