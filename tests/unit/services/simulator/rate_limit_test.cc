#include "services/simulator/rate_limit.h"

#include <gtest/gtest.h>

namespace quern::simulator {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

TEST(TokenBucketTest, LetsAMinutesWorthGoAndSaysWhenThereIsMore) {
  TokenBucket bucket(60);
  EXPECT_EQ(bucket.Wait(60, kStart), absl::ZeroDuration());
  bucket.Take(60);
  EXPECT_EQ(bucket.Wait(2, kStart), absl::Seconds(2));
  EXPECT_EQ(bucket.Wait(2, kStart + absl::Seconds(2)), absl::ZeroDuration());
}

TEST(TokenBucketTest, HoldsNoMoreThanAMinutesWorth) {
  TokenBucket bucket(60);
  bucket.Wait(1, kStart);
  EXPECT_EQ(bucket.Wait(1, kStart + absl::Hours(1)), absl::ZeroDuration());
  bucket.Take(60);
  EXPECT_EQ(bucket.Wait(1, kStart + absl::Hours(1)), absl::Seconds(1));
}

TEST(TokenBucketTest, LetsMoreThanItHoldsGoWhenFull) {
  TokenBucket bucket(60);
  EXPECT_EQ(bucket.Wait(100, kStart), absl::ZeroDuration());
  bucket.Take(100);
  // 40 are owed, and then a whole minute's worth is waited for.
  EXPECT_EQ(bucket.Wait(100, kStart), absl::Seconds(100));
}

TEST(TokenBucketTest, NeverWaitsWithoutALimit) {
  TokenBucket bucket(0);
  EXPECT_EQ(bucket.Wait(1e9, kStart), absl::ZeroDuration());
}

}  // namespace
}  // namespace quern::simulator
