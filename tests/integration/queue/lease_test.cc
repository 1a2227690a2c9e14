// Who holds what, for how long, and what that costs.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "absl/time/clock.h"
#include "common/queue/finisher.h"
#include "common/queue/keys.h"
#include "tests/integration/queue/support/delayed_work.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

class LeaseTest : public JobFixture {};

TEST_F(LeaseTest, SlowLiveWorkIsNotTakenOver) {
  CreateJob();
  std::atomic<int> calls = 0;
  DelayedWork delayed(absl::Milliseconds(2500), [&](v1::StageName stage, queue::Delivery delivery) {
    ++calls;
    EXPECT_EQ(delivery.deliveries(), 1u);
    v1::WorkItem item = delivery.item();
    v1::Rejection rejection;
    rejection.set_stage(stage);
    rejection.set_reason("SLOW");
    std::move(delivery).Reject(rejection, item);
  });
  Workers first(redis_.url(), "first", delayed.AsWork());
  Workers second(redis_.url(), "second", delayed.AsWork());
  Store(Documents(1, 20));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(calls, 20) << "four leases long, and each item was worked on once";
  EXPECT_EQ(first.stats().reclaimed + second.stats().reclaimed, 0u);
}

TEST_F(LeaseTest, ADrainHandsBackAtOnceAndFreeOfCharge) {
  CreateJob();
  Store(Documents(1, 50));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  absl::Mutex mutex;
  std::vector<queue::Delivery> never_settled;
  auto leaving = std::make_unique<Workers>(redis_.url(), "leaving", [&](v1::StageName, queue::Delivery delivery) {
    absl::MutexLock lock(&mutex);
    never_settled.push_back(std::move(delivery));
  });
  WaitUntil([&] { return leaving->stats().delivered == 50; }, "all are under way");
  leaving->Drain(absl::Milliseconds(10));
  EXPECT_EQ(leaving->stats().handed_back, 50u);
  std::atomic<uint32_t> most_deliveries = 0;
  Workers next(
      redis_.url(), "next",
      [&](v1::StageName stage, queue::Delivery delivery) {
        most_deliveries = std::max<uint32_t>(most_deliveries, delivery.deliveries());
        Advancing(1)(stage, std::move(delivery));
      },
      [](queue::ConsumerOptions& options) {
        // So long that only what was handed back can be taken over.
        options.lease = absl::Seconds(60);
        options.take_over = true;
      });
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(most_deliveries, 1u);
  EXPECT_EQ(sink.Keys("record").size(), 50u);
  EXPECT_EQ(Job().counts().reclaimed(), 0u) << "nobody crashed";
  // Settling what was handed back changes nothing any more.
  for (queue::Delivery& delivery : never_settled) std::move(delivery).Die("LATE", "too late");
}

TEST_F(LeaseTest, ADroppedDeliveryComesAgain) {
  CreateJob();
  Store(Documents(1, 10));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  absl::Mutex mutex;
  std::set<std::string> dropped;
  Workers workers(redis_.url(), "w", [&](v1::StageName stage, queue::Delivery delivery) {
    EXPECT_EQ(delivery.deliveries(), 1u);
    absl::MutexLock lock(&mutex);
    if (stage == v1::STAGE_NAME_FILTER && dropped.insert(delivery.item().document_id()).second) return;
    Advancing(1)(stage, std::move(delivery));
  });
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(sink.Keys("record").size(), 10u);
}

TEST_F(LeaseTest, ARetryWaitsAndIsADeadLetterWhenItsAttemptsAreSpent) {
  CreateJob();
  Store(Documents(1, 5));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  absl::Mutex mutex;
  std::vector<absl::Time> calls;
  Workers workers(redis_.url(), "w", [&](v1::StageName stage, queue::Delivery delivery) {
    if (delivery.item().document_id() != "d3" || stage != v1::STAGE_NAME_FILTER) {
      return Advancing(1)(stage, std::move(delivery));
    }
    {
      absl::MutexLock lock(&mutex);
      EXPECT_EQ(delivery.attempts(), calls.size());
      calls.push_back(absl::Now());
    }
    std::move(delivery).Retry(absl::Milliseconds(800), "BAD_REPLY", "no JSON");
  });
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(20));
  ASSERT_EQ(calls.size(), 3u);
  // Longer than a lease: it was held and renewed meanwhile.
  EXPECT_GE(calls[1] - calls[0], absl::Milliseconds(790));
  EXPECT_GE(calls[2] - calls[1], absl::Milliseconds(790));
  EXPECT_EQ(sink.Keys("dead"), (std::set<std::string>{"d3"}));
  EXPECT_EQ(sink.DeadLetters()[0].reason(), "BAD_REPLY");
  EXPECT_EQ(Job().counts().retries(), 2u);
  EXPECT_EQ(Job().counts().reclaimed(), 0u);
}

TEST_F(LeaseTest, OfTwoThatFinishTheSameEntryOneWins) {
  CreateJob();
  constexpr size_t kEntries = 500;
  Store(Documents(1, kEntries));
  const queue::LaneKeys keys("job", 0);
  queue::Redis admin(At(redis_.url()));
  const auto read =
      admin.Command({"XREADGROUP", "GROUP", queue::kGroup, "somebody", "COUNT", "500", "STREAMS", keys.filter, ">"});
  ASSERT_TRUE(read.ok());
  const auto& entries = read->array[0].array[1].array;
  ASSERT_EQ(entries.size(), kEntries);
  auto job = std::make_shared<queue::RunningJob>("job", "1", std::make_shared<v1::JobSpec>());
  auto lane = std::make_shared<queue::Lane>(job, 0, v1::STAGE_NAME_FILTER, std::make_shared<queue::ServerClock>());
  std::atomic<size_t> done = 0, fenced = 0;
  std::vector<std::thread> threads;
  for (const char* name : {"somebody", "another"}) {
    threads.emplace_back([&, name] {
      queue::Finisher finisher(At(redis_.url()), name);
      std::vector<queue::Settlement> settlements;
      for (const auto& stored : entries) {
        queue::Entry entry;
        entry.lane = lane;
        entry.id = stored.array[0].string;
        entry.item.set_document_id("d");
        settlements.push_back(queue::MakeAdvance(std::move(entry), {v1::WorkItem()}));
      }
      std::vector<queue::Finisher::Outcome> outcomes;
      ASSERT_TRUE(finisher.Finish(settlements, &outcomes).ok());
      done += std::count(outcomes.begin(), outcomes.end(), queue::Finisher::Outcome::kDone);
      fenced += std::count(outcomes.begin(), outcomes.end(), queue::Finisher::Outcome::kFenced);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done, kEntries);
  EXPECT_EQ(fenced, kEntries);
  EXPECT_EQ(Job().counts().backlog(0).entries(), 0u);
  EXPECT_EQ(Job().counts().backlog(1).entries(), kEntries);
  EXPECT_EQ(Job().counts().fenced_transitions(), kEntries);
}

TEST_F(LeaseTest, ASmallJobBehindAHugeOneAdvances) {
  CreateJob();
  Store(Documents(1, 3000));
  v1::JobSpec small_spec;
  ASSERT_TRUE(jobs_.Create("small", small_spec, "").ok());
  queue::Ingest ingest(At(redis_.url()), "small", small_spec, "corpus");
  ASSERT_TRUE(ingest.Store(Documents(1, 30)).ok());
  ASSERT_TRUE(jobs_.CloseInput("small").ok());
  DelayedWork delayed(absl::Milliseconds(20), Advancing(1));
  Workers workers(redis_.url(), "w", delayed.AsWork(), [](queue::ConsumerOptions& options) { options.slots = 16; });
  MemorySink small(At(redis_.url()), "small", 1, false);
  small.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(small.Keys("record").size(), 30u);
  const auto huge = Job();
  EXPECT_GT(huge.counts().backlog(0).entries(), 1000u) << "the small job did not have to wait for the huge one";
}

TEST_F(LeaseTest, AHoldStopsItsJobAloneAndEndsByItself) {
  // How long the filter's first item keeps its job on hold.
  const std::map<std::string, absl::Duration> holds = {{"long", absl::Hours(1)}, {"short", absl::Milliseconds(500)}};
  for (const char* job : {"long", "short", "none"}) {
    ASSERT_TRUE(jobs_.Create(job, {}, "").ok());
    queue::Ingest ingest(At(redis_.url()), job, {}, "corpus");
    ASSERT_TRUE(ingest.Store(Documents(1, 10)).ok());
  }
  absl::Mutex mutex;
  std::map<std::string, int> begun;
  std::map<std::string, int> advanced;
  const auto count_of = [&](std::map<std::string, int>* counts, const std::string& job) {
    absl::MutexLock lock(&mutex);
    return (*counts)[job];
  };
  Workers workers(redis_.url(), "w", [&](v1::StageName stage, queue::Delivery delivery) {
    const std::string job = delivery.job();
    bool first = false;
    {
      absl::MutexLock lock(&mutex);
      first = ++begun[job] == 1;
    }
    if (first && holds.contains(job)) delivery.hold().Begin([&](uint32_t) { return holds.at(job); });
    if (delivery.hold().on()) return std::move(delivery).HandBack();
    {
      absl::MutexLock lock(&mutex);
      ++advanced[job];
    }
    Advancing(1)(stage, std::move(delivery));
  });
  WaitUntil([&] { return count_of(&advanced, "none") == 40; }, "other jobs go on");
  WaitUntil([&] { return count_of(&advanced, "short") == 40; }, "a hold ends by itself");
  EXPECT_EQ(count_of(&advanced, "long"), 0);
  EXPECT_LE(count_of(&begun, "long"), 10) << "what was handed back is not taken again during a hold";
}

TEST_F(LeaseTest, AnEntryOfANewerVersionIsLeftForOthers) {
  CreateJob();
  Store(Documents(1, 1));
  const queue::LaneKeys keys("job", 0);
  queue::Redis admin(At(redis_.url()));
  v1::QueueEntry newer;
  newer.set_schema(99);
  newer.mutable_item()->set_document_id("d1");
  ASSERT_TRUE(admin.Command({"XADD", keys.filter, "*", "e", newer.SerializeAsString()}).ok());
  std::atomic<int> calls = 0;
  Workers workers(redis_.url(), "w", [&](v1::StageName stage, queue::Delivery delivery) {
    ++calls;
    Advancing(1)(stage, std::move(delivery));
  });
  WaitUntil([&] { return calls == 4 && workers.stats().lost > 0 && workers.stats().held == 0; }, "the other is done");
  const auto pending = admin.Command({"XPENDING", keys.filter, queue::kGroup, "-", "+", "10"});
  ASSERT_TRUE(pending.ok());
  ASSERT_EQ(pending->array.size(), 1u);
  EXPECT_EQ(pending->array[0].array[1].string, queue::kNobody);
}

}  // namespace
}  // namespace quern::testing
