// Workers that are killed, suspended, or killed by what they work on.
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/integration/queue/support/child_worker.h"
#include "tests/integration/queue/support/counts_sampler.h"
#include "tests/integration/queue/support/delayed_work.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

class WorkerCrashTest : public JobFixture {};

TEST_F(WorkerCrashTest, KilledWorkersLoseAndRepeatNoTransition) {
  CreateJob();
  Store(Documents(1, 1500));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  MemorySink sink(At(redis_.url()), "job", 1, false);
  {
    CountsSampler sampler(redis_.url(), "job");
    std::mt19937 random(7);
    for (int round = 0; round < 5; ++round) {
      ChildWorker first(redis_.url(), absl::StrFormat("first%d", round), absl::Milliseconds(5));
      ChildWorker second(redis_.url(), absl::StrFormat("second%d", round), absl::Milliseconds(5));
      const absl::Time end = absl::Now() + absl::Milliseconds(200 + random() % 300);
      while (absl::Now() < end) ASSERT_TRUE(sink.Step().ok());
      first.Kill();
    }
    Workers last(redis_.url(), "last", Advancing(2));
    sink.RunUntilEnded(absl::Seconds(30));
  }
  EXPECT_EQ(sink.Keys("record").size(), 3000u);
  EXPECT_EQ(Job().counts().items().records(), 3000u);
  EXPECT_EQ(Job().counts().documents_held(), 0u);
}

TEST_F(WorkerCrashTest, ASuspendedWorkerIsFencedAndTakesNothingBack) {
  CreateJob();
  Store(Documents(1, 40));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  MemorySink sink(At(redis_.url()), "job", 1, false);
  ChildWorker suspended(redis_.url(), "suspended", absl::Milliseconds(700));
  WaitUntil([&] { return suspended.Begun() == 40; }, "the child works on all documents");
  suspended.Suspend();
  // A longer delay than the suspended worker's: both hold the same entries when it wakes up.
  DelayedWork delayed(absl::Milliseconds(400), Advancing(1));
  Workers live(redis_.url(), "live", delayed.AsWork());
  // An entry that is delivered, not only taken over, will be finished by both.
  WaitUntil([&] { return live.stats().reclaimed >= 40 && live.stats().delivered > 0; }, "the live worker takes over");
  suspended.Resume();
  sink.RunUntilEnded(absl::Seconds(30));
  EXPECT_EQ(Job().counts().documents().expanded(), 40u);
  const size_t records = sink.Keys("record").size();
  EXPECT_EQ(records, Job().counts().items().created());
  EXPECT_GE(Job().counts().reclaimed(), 40u);
  WaitUntil([&] { return Job().counts().fenced_transitions() > 0; }, "the second of two transitions is refused");
}

TEST_F(WorkerCrashTest, PoisonEndsAsADeadLetterAndEveryNeighbourFinishes) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_max_deliveries(4);
  CreateJob(spec);
  std::vector<v1::IngestEntry> entries = Documents(1, 300);
  entries[50].mutable_document()->set_id("poison1");
  entries[150].mutable_document()->set_id("poison2");
  Store(entries);
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  MemorySink sink(At(redis_.url()), "job", 1, false);
  int crashes = 0;
  std::unique_ptr<ChildWorker> worker;
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (true) {
    if (worker == nullptr || worker->HasEnded()) {
      crashes += worker != nullptr;
      worker = std::make_unique<ChildWorker>(redis_.url(), absl::StrFormat("w%d", crashes), absl::Milliseconds(1));
    }
    ASSERT_TRUE(sink.Step().ok());
    const auto state = jobs_.TryFinish("job");
    ASSERT_TRUE(state.ok());
    if (*state == v1::JOB_STATE_COMPLETED) break;
    ASSERT_LT(absl::Now(), deadline) << Job().DebugString();
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_EQ(sink.Keys("record").size(), 298u * 2);
  EXPECT_EQ(sink.Keys("dead"), (std::set<std::string>{"poison1#0", "poison1#1", "poison2#0", "poison2#1"}));
  for (const auto& letter : sink.DeadLetters()) EXPECT_EQ(letter.reason(), "POISON");
  // At most one crash per item while alone, and those in company before.
  EXPECT_LE(crashes, 4 + 3 * 4);
}

}  // namespace
}  // namespace quern::testing
