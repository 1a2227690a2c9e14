#include "common/llm/refusal_streak.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/llm/refusal.h"

namespace quern::llm {
namespace {

using Verdict = Reading::Verdict;

const absl::Time kNoon = absl::FromUnixSeconds(1'000'000);

Reading BadRequest() { return ReadRefusal(400, ServerError()); }

Reading Completed() {
  Reading reading;
  reading.verdict = Verdict::kComplete;
  return reading;
}

// The verdict on a reply of this kind.
Verdict Judged(RefusalStreak& streak, Reading reading, absl::Time now = kNoon, const std::string& endpoint = "a") {
  streak.Judge(endpoint, now, &reading);
  return reading.verdict;
}

TEST(RefusalStreakTest, TenInARowAreForAPerson) {
  RefusalStreak streak;
  for (int i = 0; i < 9; ++i) EXPECT_EQ(Judged(streak, BadRequest()), Verdict::kRefused) << i;
  Reading tenth = BadRequest();
  streak.Judge("a", kNoon, &tenth);
  EXPECT_EQ(tenth.verdict, Verdict::kForAPerson);
  EXPECT_EQ(tenth.reason, "BAD_REQUEST");
  EXPECT_THAT(tenth.message, ::testing::HasSubstr("the last 10 calls or more ended so"));
  EXPECT_EQ(Judged(streak, BadRequest()), Verdict::kForAPerson) << "and so are those that were under way";
}

TEST(RefusalStreakTest, ACompletionBetweenEndsIt) {
  RefusalStreak streak;
  for (int i = 0; i < 50; ++i) {
    if (i % 9 == 0) Judged(streak, Completed());
    EXPECT_EQ(Judged(streak, BadRequest()), Verdict::kRefused) << i;
  }
}

TEST(RefusalStreakTest, WhatSaysNothingOfTheRequestDoesNotCount) {
  RefusalStreak streak;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Judged(streak, ReadRefusal(500, ServerError())), Verdict::kBroken);
    EXPECT_EQ(Judged(streak, ReadRefusal(413, ServerError())), Verdict::kRefused);
  }
  for (int i = 0; i < 9; ++i) EXPECT_EQ(Judged(streak, BadRequest()), Verdict::kRefused) << i;
}

TEST(RefusalStreakTest, EachEndpointHasItsOwn) {
  RefusalStreak streak;
  for (int i = 0; i < 9; ++i) Judged(streak, BadRequest());
  EXPECT_EQ(Judged(streak, BadRequest(), kNoon, "b"), Verdict::kRefused);
  Judged(streak, Completed(), kNoon, "b");
  EXPECT_EQ(Judged(streak, BadRequest()), Verdict::kForAPerson);
}

TEST(RefusalStreakTest, AJobThatWasResumedLaterGetsAsManyChancesAgain) {
  RefusalStreak streak;
  for (int i = 0; i < 10; ++i) Judged(streak, BadRequest());
  EXPECT_EQ(Judged(streak, BadRequest(), kNoon + absl::Minutes(1)), Verdict::kForAPerson);
  EXPECT_EQ(Judged(streak, BadRequest(), kNoon + absl::Minutes(4)), Verdict::kRefused);
}

TEST(RefusalStreakTest, KnowsWhoHasAnswered) {
  RefusalStreak streak;
  Judged(streak, BadRequest());
  EXPECT_FALSE(streak.HasAnswered("a"));
  Judged(streak, Completed());
  EXPECT_TRUE(streak.HasAnswered("a"));
  EXPECT_FALSE(streak.HasAnswered("b"));
}

}  // namespace
}  // namespace quern::llm
