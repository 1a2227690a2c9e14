// The rules of flow control by themselves: how many calls at once, when a server counts as dead, which replica.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "common/base/hash.h"
#include "common/llm/adaptive_limit.h"
#include "common/llm/breaker.h"
#include "common/llm/rendezvous.h"

namespace quern::llm {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

absl::Time After(double seconds) { return kStart + absl::Seconds(seconds); }

TEST(AdaptiveLimitTest, BeginsAtTheMostAndNeverGoesBeyond) {
  AdaptiveLimit limit(100);
  EXPECT_EQ(limit.limit(), 100u);
  for (int i = 0; i < 1000; ++i) limit.Succeeded();
  EXPECT_EQ(limit.limit(), 100u);
  EXPECT_EQ(AdaptiveLimit(0).limit(), 1u) << "at least one call";
}

TEST(AdaptiveLimitTest, CallsThatWereUnderWayTogetherLowerItOnce) {
  AdaptiveLimit limit(100);
  for (int i = 0; i < 50; ++i) limit.Overloaded(After(0), After(1));
  EXPECT_EQ(limit.limit(), 70u);
  limit.Overloaded(After(0.9), After(1.5));
  EXPECT_EQ(limit.limit(), 70u) << "began before it was lowered";
  limit.Overloaded(After(1.1), After(2));
  EXPECT_EQ(limit.limit(), 49u);
}

TEST(AdaptiveLimitTest, NeverEndsAtZero) {
  AdaptiveLimit limit(8);
  for (int i = 0; i < 100; ++i) limit.Overloaded(After(i), After(i));
  EXPECT_EQ(limit.limit(), 1u);
}

TEST(AdaptiveLimitTest, ARoundOfSuccessesLiftsItByAHundredthAndAtLeastByOne) {
  for (const auto& [most, lifted] : std::map<size_t, size_t>{{10, 1}, {100, 1}, {1000, 10}}) {
    AdaptiveLimit limit(most);
    limit.Overloaded(After(0), After(0));
    const size_t low = limit.limit();
    for (size_t i = 0; i <= low; ++i) limit.Succeeded();
    EXPECT_NEAR(static_cast<double>(limit.limit()), static_cast<double>(low + lifted), 1) << most;
    EXPECT_GT(limit.limit(), low) << most;
  }
}

TEST(BreakerTest, OpensAfterThreeRefusedConnectionsInARow) {
  Breaker breaker;
  breaker.Unreachable(After(0));
  breaker.Unreachable(After(0));
  EXPECT_TRUE(breaker.TryStart(After(0)));
  breaker.Succeeded();
  breaker.Unreachable(After(0));
  breaker.Unreachable(After(0));
  EXPECT_FALSE(breaker.open()) << "not in a row";
  breaker.Unreachable(After(0));
  EXPECT_TRUE(breaker.open());
  EXPECT_FALSE(breaker.TryStart(After(0.5)));
}

TEST(BreakerTest, OpensAfterTwentyFaultsInARow) {
  Breaker breaker;
  for (int i = 0; i < 19; ++i) breaker.Broken(After(0));
  EXPECT_FALSE(breaker.open());
  breaker.Broken(After(0));
  EXPECT_TRUE(breaker.open());
}

TEST(BreakerTest, ARefusedConnectionAfterFaultsIsTheFirstOfItsKind) {
  Breaker breaker;
  breaker.Broken(After(0));
  breaker.Broken(After(0));
  breaker.Unreachable(After(0));
  EXPECT_FALSE(breaker.open());
  breaker.Unreachable(After(0));
  breaker.Broken(After(0));
  breaker.Unreachable(After(0));
  EXPECT_FALSE(breaker.open()) << "the server was reached in between";
}

Breaker OpenBreaker() {
  Breaker breaker;
  for (int i = 0; i < 3; ++i) breaker.Unreachable(After(0));
  return breaker;
}

TEST(BreakerTest, LetsOneCallThroughEachTimeItsWaitIsOver) {
  Breaker breaker = OpenBreaker();
  EXPECT_EQ(breaker.retry_at(), After(1));
  EXPECT_TRUE(breaker.MayStart(After(1)));
  EXPECT_TRUE(breaker.TryStart(After(1)));
  EXPECT_FALSE(breaker.MayStart(After(1)));
  EXPECT_FALSE(breaker.TryStart(After(100))) << "one is under way";
  breaker.Unreachable(After(1));
  EXPECT_EQ(breaker.retry_at(), After(3)) << "twice as long";
  EXPECT_FALSE(breaker.TryStart(After(2.9)));
}

TEST(BreakerTest, WaitsNoLongerThanFifteenSeconds) {
  Breaker breaker = OpenBreaker();
  for (int i = 0; i < 20; ++i) {
    const absl::Time at = breaker.retry_at();
    ASSERT_TRUE(breaker.TryStart(at));
    breaker.Broken(at);
    EXPECT_LE(breaker.retry_at() - at, absl::Seconds(15));
  }
}

TEST(BreakerTest, CallsThatWereUnderWayWhenItOpenedProlongNothing) {
  Breaker breaker = OpenBreaker();
  for (int i = 0; i < 100; ++i) breaker.Unreachable(After(0.5));
  EXPECT_EQ(breaker.retry_at(), After(1));
}

TEST(BreakerTest, ClosesWithTheFirstSuccessAndBeginsAnew) {
  Breaker breaker = OpenBreaker();
  ASSERT_TRUE(breaker.TryStart(After(1)));
  breaker.Succeeded();
  EXPECT_FALSE(breaker.open());
  EXPECT_TRUE(breaker.TryStart(After(1)));
  EXPECT_TRUE(breaker.TryStart(After(1)));
  for (int i = 0; i < 3; ++i) breaker.Unreachable(After(2));
  EXPECT_EQ(breaker.retry_at(), After(3)) << "waits a second first";
}

TEST(BreakerTest, ACallThatWasNotMadeLeavesTheTryToTheNext) {
  Breaker breaker = OpenBreaker();
  ASSERT_TRUE(breaker.TryStart(After(1)));
  breaker.Abandoned();
  EXPECT_TRUE(breaker.TryStart(After(1)));
}

std::vector<Replica> Replicas(size_t count) {
  std::vector<Replica> replicas(count);
  for (size_t i = 0; i < count; ++i) replicas[i].hash = Hash64("10.0.0." + std::to_string(i) + ":8000/v1 qwen");
  return replicas;
}

std::string Document(int i) { return "document " + std::to_string(i); }

TEST(ChooseReplicaTest, SpreadsDocumentsEvenlyAndAlwaysAlike) {
  const std::vector<Replica> replicas = Replicas(4);
  std::vector<int> counts(4);
  for (int i = 0; i < 4000; ++i) {
    const size_t chosen = ChooseReplica(Document(i), replicas).value();
    EXPECT_EQ(ChooseReplica(Document(i), replicas), chosen);
    ++counts[chosen];
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
}

TEST(ChooseReplicaTest, AReplicaThatLeavesMovesItsOwnDocumentsAlone) {
  const std::vector<Replica> all = Replicas(4);
  std::vector<Replica> fewer = all;
  fewer[2].healthy = false;
  for (int i = 0; i < 1000; ++i) {
    const size_t before = ChooseReplica(Document(i), all).value();
    const size_t after = ChooseReplica(Document(i), fewer).value();
    EXPECT_NE(after, 2u);
    if (before != 2) {
      EXPECT_EQ(after, before);
    }
  }
}

TEST(ChooseReplicaTest, TheOrderInTheSpecDoesNotMatter) {
  const std::vector<Replica> forth = Replicas(3);
  const std::vector<Replica> back(forth.rbegin(), forth.rend());
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ChooseReplica(Document(i), forth).value(), 2 - ChooseReplica(Document(i), back).value());
  }
}

TEST(ChooseReplicaTest, PassesOverWhoHasMuchMoreThanTheOthers) {
  for (const auto& [load, passed_over] : std::map<size_t, bool>{{0, false}, {8, false}, {30, true}, {1000, true}}) {
    std::vector<Replica> replicas = Replicas(2);
    replicas[0].load = load;
    int on_first = 0;
    for (int i = 0; i < 100; ++i) on_first += ChooseReplica(Document(i), replicas) == size_t{0};
    EXPECT_EQ(on_first == 0, passed_over) << load;
  }
}

TEST(ChooseReplicaTest, ChoosesNoneWhereNoneIsHealthy) {
  std::vector<Replica> replicas = Replicas(2);
  for (Replica& replica : replicas) replica.healthy = false;
  EXPECT_EQ(ChooseReplica("document", replicas), std::nullopt);
  EXPECT_EQ(ChooseReplica("document", {}), std::nullopt);
}

}  // namespace
}  // namespace quern::llm
