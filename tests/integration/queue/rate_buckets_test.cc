// Limits per minute that several processes share.
#include "common/queue/rate_buckets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "tests/integration/queue/support/queue_harness.h"
#include "tests/support/redis_server.h"

namespace quern::testing {
namespace {

class RateBucketsTest : public ::testing::Test {
 protected:
  // Asks again and again until `calls` were granted, as a process with that many waiting does.
  void TakeAll(size_t calls, uint64_t calls_per_minute, uint64_t tokens_per_minute, uint64_t tokens) {
    queue::RateBuckets buckets(At(redis_.url()));
    while (calls > 0) {
      const auto taken =
          buckets.Take("account", calls_per_minute, tokens_per_minute, std::vector<uint64_t>(calls, tokens), 0);
      ASSERT_TRUE(taken.ok()) << taken.status();
      calls -= taken->calls;
      absl::SleepFor(taken->wait);
    }
  }

  RedisServer redis_;
};

TEST_F(RateBucketsTest, TwoProcessesTogetherKeepToTheCallsOfAnAccount) {
  constexpr size_t kCalls = 60;
  const absl::Time begin = absl::Now();
  std::thread other([this] { TakeAll(kCalls, 6000, 0, 0); });
  TakeAll(kCalls, 6000, 0, 0);
  other.join();
  // 120 calls at 100 a second: the first at once, and no more than one second's worth can have been saved up.
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(1150));
}

TEST_F(RateBucketsTest, TokensAreADebtThatTheNextCallWaitsFor) {
  queue::RateBuckets buckets(At(redis_.url()));
  const auto first = buckets.Take("account", 0, 6000, {500, 500}, 0);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->calls, 1u) << "one call may take more than there is, for else it would wait for ever";
  // 500 tokens at 100 a second.
  EXPECT_GT(first->wait, absl::Seconds(4.5));
  EXPECT_LE(first->wait, absl::Seconds(5.1));
  // It took 300 less than was thought.
  const auto corrected = buckets.Take("account", 0, 6000, {1}, -300);
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->calls, 0u);
  EXPECT_LE(corrected->wait, absl::Seconds(2.1));
  EXPECT_GT(corrected->wait, absl::ZeroDuration());
}

TEST_F(RateBucketsTest, AccountsAndUnlimitedCallsDoNotWaitForOthers) {
  queue::RateBuckets buckets(At(redis_.url()));
  ASSERT_EQ(buckets.Take("one", 1, 0, {1, 1}, 0)->calls, 1u);
  EXPECT_EQ(buckets.Take("two", 1, 0, {1}, 0)->calls, 1u);
  EXPECT_EQ(buckets.Take("one", 0, 0, {1, 1, 1}, 0)->calls, 3u);
}

TEST_F(RateBucketsTest, ARedisThatIsAwayIsAnError) {
  queue::RateBuckets buckets(At(redis_.url()));
  redis_.Kill();
  EXPECT_TRUE(absl::IsUnavailable(buckets.Take("one", 1, 0, {1}, 0).status()));
}

}  // namespace
}  // namespace quern::testing
