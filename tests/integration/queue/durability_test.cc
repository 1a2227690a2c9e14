// What is taken as durable, and what a sink that died between its two steps finds.
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/queue/durability_clock.h"
#include "common/queue/terminal_tally.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

class DurabilityTest : public JobFixture {};

TEST_F(DurabilityTest, ByAgeOnlyWhatIsOlderThanThreeSecondsIsDurable) {
  queue::DurabilityClock clock(At(redis_.url()));
  const auto now = clock.NowMs();
  const auto until = clock.DurableUntilMs();
  ASSERT_TRUE(now.ok() && until.ok());
  EXPECT_LE(*until, *now - 2900);
  EXPECT_GE(*until, *now - 3500);
}

TEST_F(DurabilityTest, OfAnExclusiveRedisTheLastWritesAreMadeDurableWithoutWaitingForTheirAge) {
  queue::RedisOptions exclusive = At(redis_.url());
  exclusive.exclusive = true;
  queue::DurabilityClock clock(exclusive);
  const int64_t written_ms = *clock.NowMs();
  WaitUntil([&] { return *clock.NowMs() > written_ms; }, "a millisecond passes");
  ASSERT_TRUE(clock.Hasten().ok());
  EXPECT_GT(*clock.DurableUntilMs(), written_ms);
  EXPECT_LE(*clock.DurableUntilMs(), *clock.NowMs());
  queue::Redis admin(exclusive);
  EXPECT_EQ(admin.Command({"CONFIG", "GET", "appendfsync"})->array[1].string, "everysec");
}

TEST_F(DurabilityTest, ARedisThatOthersUseOrThatChangesItsLogIsNotHastened) {
  queue::DurabilityClock shared(At(redis_.url()));
  const int64_t before_ms = *shared.NowMs();
  ASSERT_TRUE(shared.Hasten().ok());
  EXPECT_LT(*shared.DurableUntilMs(), before_ms);
  queue::RedisOptions exclusive = At(redis_.url());
  exclusive.exclusive = true;
  queue::DurabilityClock rewriting(exclusive);
  ASSERT_TRUE(rewriting.DurableUntilMs().ok());
  queue::Redis admin(exclusive);
  ASSERT_EQ(admin.Command({"BGREWRITEAOF"})->type, queue::Reply::Type::kString);
  ASSERT_TRUE(rewriting.Hasten().ok());
  EXPECT_LT(*rewriting.DurableUntilMs(), before_ms);
}

TEST_F(DurabilityTest, WithFsyncAtEveryWriteAllIsDurableAtOnceAndWithoutOneNothingIs) {
  queue::Redis admin(At(redis_.url()));
  ASSERT_TRUE(admin.Command({"CONFIG", "SET", "appendfsync", "always"}).ok());
  queue::DurabilityClock always(At(redis_.url()));
  EXPECT_GE(*always.DurableUntilMs(), *always.NowMs() - 500);
  ASSERT_TRUE(admin.Command({"CONFIG", "SET", "appendfsync", "no"}).ok());
  queue::DurabilityClock never(At(redis_.url()));
  EXPECT_TRUE(absl::IsFailedPrecondition(never.DurableUntilMs().status()));
}

TEST_F(DurabilityTest, ACommitIsMadeOnceAndNeverOutOfTurn) {
  CreateJob();
  std::vector<v1::IngestEntry> entries = Documents(1, 4);
  for (auto& entry : entries) entry.mutable_unreadable()->set_reason("INVALID_JSON");
  Store(entries);
  queue::Results results(At(redis_.url()), "job", 1);
  const auto all = results.Read(0, "", 10, INT64_MAX);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 4u);
  queue::TerminalTally first, second;
  for (size_t i = 0; i < 4; ++i) (i < 2 ? first : second).Add(all->at(i));
  EXPECT_TRUE(absl::IsAborted(results.Commit(0, 2, first)));
  EXPECT_TRUE(results.Commit(0, 1, first).ok());
  EXPECT_TRUE(results.Commit(0, 1, first).ok()) << "its reply may have been lost";
  EXPECT_EQ(Job().counts().documents().dead(), 2u);
  EXPECT_TRUE(absl::IsAborted(results.Commit(0, 2, first))) << "those are gone";
  EXPECT_TRUE(results.Commit(0, 2, second).ok());
  EXPECT_EQ(*results.CommitNumber(0), 2u);
  EXPECT_EQ(Job().counts().documents().dead(), 4u);
  EXPECT_EQ(Job().counts().documents().in_flight(), 0u);
}

TEST_F(DurabilityTest, ASinkThatDiedBeforeItsCommitWritesTheShardAgain) {
  CreateJob();
  Store(Documents(1, 20));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  Workers workers(redis_.url(), "w", Advancing(3));
  MemorySink sink(At(redis_.url()), "job", 1, false);
  WaitUntil([&] { return Job().counts().backlog(4).entries() == 60; }, "all results wait");
  sink.SkipNextCommit();
  ASSERT_TRUE(sink.Step(25).ok());
  sink.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(sink.rollbacks(), 1u);
  EXPECT_EQ(sink.Keys("record").size(), 60u);
  EXPECT_EQ(Job().counts().items().records(), 60u);
}

TEST_F(DurabilityTest, ADocumentLeavesWithItsLastReference) {
  CreateJob();
  Store(Documents(1, 1));
  Workers workers(redis_.url(), "w", Advancing(3));
  MemorySink sink(At(redis_.url()), "job", 1, false);
  WaitUntil([&] { return Job().counts().backlog(4).entries() == 3; }, "three results wait");
  queue::Redis admin(At(redis_.url()));
  const auto held = [&] { return admin.Command({"HLEN", "quern:{job:0}:documents"})->integer; };
  for (int left = 3; left > 0; --left) {
    EXPECT_EQ(held(), 1);
    ASSERT_EQ(*sink.Step(1), 1u);
  }
  EXPECT_EQ(held(), 0);
  EXPECT_EQ(admin.Command({"HLEN", "quern:{job:0}:references"})->integer, 0);
}

TEST_F(DurabilityTest, AnUnsafeRedisIsRefused) {
  queue::Redis admin(At(redis_.url()));
  EXPECT_TRUE(admin.Connect().ok());
  EXPECT_EQ(admin.Command({"CONFIG", "GET", "stream-node-max-bytes"})->array[1].string, "4096");
  ASSERT_TRUE(admin.Command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(queue::Redis(At(redis_.url())).Connect()));
  ASSERT_TRUE(admin.Command({"CONFIG", "SET", "maxmemory-policy", "noeviction"}).ok());
  ASSERT_TRUE(admin.Command({"CONFIG", "SET", "appendonly", "no"}).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(queue::Redis(At(redis_.url())).Connect()));
  queue::RedisOptions unsafe = At(redis_.url());
  unsafe.allow_unsafe = true;
  EXPECT_TRUE(queue::Redis(unsafe).Connect().ok());
}

TEST_F(DurabilityTest, AKeyOfAnotherTypeIsRefusedBeforeAnythingIsWritten) {
  queue::Redis admin(At(redis_.url()));
  ASSERT_TRUE(admin.Command({"SET", "quern:{job:0}:persona", "not a stream"}).ok());
  const auto created = jobs_.Create("job", spec_, "");
  EXPECT_TRUE(absl::IsFailedPrecondition(created.status()));
  EXPECT_TRUE(jobs_.Active()->empty());
}

}  // namespace
}  // namespace quern::testing
