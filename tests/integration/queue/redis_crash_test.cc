// A Redis that is killed, loses the end of its log, hangs, or cuts connections.
#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/integration/queue/support/counts_sampler.h"
#include "tests/integration/queue/support/delayed_work.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

// A client that never trusts its own memory: after any error it asks for the position.
void StoreThroughCrashes(const std::string& url, const v1::JobSpec& spec, uint64_t documents) {
  queue::Ingest ingest(At(url), "job", spec, "corpus");
  uint64_t position = 0;
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (absl::Now() < deadline) {
    const auto stored = ingest.Store(Documents(position + 1, std::min<uint64_t>(20, documents - position)));
    absl::StatusOr<uint64_t> now = stored.ok() ? stored->accepted_position : ingest.Position();
    if (now.ok()) position = *now;
    // The end of the log may still be lost: only what is durable is done. The test closes the input after that.
    if (position == documents) return;
    absl::SleepFor(absl::Milliseconds(5));
  }
  FAIL() << "ingest got to " << position;
}

class RedisCrashTest : public JobFixture, public ::testing::WithParamInterface<int> {};

TEST_P(RedisCrashTest, AKilledRedisThatLostTheEndOfItsLogLosesAndDoublesNothing) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_lanes(2);
  CreateJob(spec);
  constexpr uint64_t kDocuments = 1500;
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  // Durable first: a job that Redis forgets altogether is the pipeline's business.
  absl::SleepFor(absl::Milliseconds(1100));
  MemorySink sink(At(redis_.url()), "job", 2, true);
  uint64_t cut = 0;
  {
    CountsSampler sampler(redis_.url(), "job");
    DelayedWork delayed(absl::Milliseconds(20), Advancing(2));
    Workers workers(redis_.url(), "w", delayed.AsWork());
    std::thread ingest([&] { StoreThroughCrashes(redis_.url(), spec, kDocuments); });
    for (int crash = 0; crash < 3; ++crash) {
      const absl::Time end = absl::Now() + absl::Milliseconds(600 + random() % 900);
      while (absl::Now() < end) sink.Step(100).IgnoreError();
      redis_.Kill();
      cut += redis_.CutAppendOnlyFile(random() % std::max<uint64_t>(1, redis_.AppendOnlyFileBytes() / 10));
      redis_.Start();
      if (crash == 1) sink.SkipNextCommit();
    }
    ingest.join();
    // What the last crash cut off is sent once more.
    StoreThroughCrashes(redis_.url(), spec, kDocuments);
    ASSERT_TRUE(jobs_.CloseInput("job").ok() || jobs_.CloseInput("job").ok());
    sink.RunUntilEnded(absl::Seconds(60));
    EXPECT_GT(workers.stats().reconnects, 0u);
  }
  EXPECT_GT(cut, 0u);
  const std::set<std::string> records = sink.Keys("record");
  EXPECT_EQ(records.size(), 2 * kDocuments);
  for (uint64_t i = 1; i <= kDocuments; ++i) {
    EXPECT_TRUE(records.contains(absl::StrFormat("d%d#0", i)) && records.contains(absl::StrFormat("d%d#1", i))) << i;
  }
  EXPECT_EQ(Job().counts().items().records(), records.size());
  EXPECT_EQ(Job().counts().documents_held(), 0u);
}

// Two seeds, or as many as QUERN_TEST_SEEDS says.
std::vector<int> Seeds() {
  const char* count = std::getenv("QUERN_TEST_SEEDS");
  std::vector<int> seeds(count == nullptr ? 2 : std::atoi(count));
  std::iota(seeds.begin(), seeds.end(), 1);
  return seeds;
}

INSTANTIATE_TEST_SUITE_P(Seeds, RedisCrashTest, ::testing::ValuesIn(Seeds()));

class RedisHangTest : public JobFixture {};

TEST_F(RedisHangTest, AnOutageLongerThanTheLeaseCostsNoSecondDelivery) {
  CreateJob();
  std::atomic<int> calls = 0;
  // Live work that outlasts the outage.
  DelayedWork delayed(absl::Milliseconds(2500), [&](v1::StageName stage, queue::Delivery delivery) {
    if (stage == v1::STAGE_NAME_FILTER) ++calls;
    v1::WorkItem item = delivery.item();
    v1::Rejection rejection;
    rejection.set_reason("DONE");
    std::move(delivery).Reject(rejection, item);
  });
  Workers first(redis_.url(), "first", delayed.AsWork());
  Workers second(redis_.url(), "second", delayed.AsWork());
  Store(Documents(1, 30));
  WaitUntil([&] { return Job().counts().backlog(0).pending() == 30; }, "all are held");
  redis_.Suspend();
  absl::SleepFor(absl::Milliseconds(1200));
  redis_.Resume();
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(30));
  EXPECT_EQ(calls, 30);
  EXPECT_EQ(Job().counts().reclaimed(), 0u);
}

TEST_F(RedisHangTest, WorkGoesOnAfterConnectionsAreCut) {
  CreateJob();
  Workers workers(redis_.url(), "w", Advancing(1));
  MemorySink sink(At(redis_.url()), "job", 1, false);
  queue::Redis admin(At(redis_.url()));
  for (uint64_t round = 0; round < 5; ++round) {
    Store(Documents(1 + 100 * round, 100));
    ASSERT_TRUE(admin.Command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}).ok());
    jobs_.Get("job").IgnoreError();
  }
  WaitUntil([&] { return jobs_.CloseInput("job").ok(); }, "the input is closed");
  sink.RunUntilEnded(absl::Seconds(30));
  EXPECT_EQ(sink.Keys("record").size(), 500u);
  EXPECT_GT(workers.stats().reconnects, 0u);
}

}  // namespace
}  // namespace quern::testing
