#include "common/llm/retry_after.h"

#include <gtest/gtest.h>

#include "tests/unit/common/llm_reply/replies.h"

namespace quern::llm {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::optional<absl::Duration> AskedBy(int status, Headers headers) {
  return ReadReply(Answered(status, "", std::move(headers)), 400, kReplyTime).retry_after;
}

struct RetryRow {
  const char* value;
  std::optional<absl::Duration> wait;
};

TEST(RetryAfterTest, ReadsSecondsAndTheThreeDates) {
  const RetryRow rows[] = {
      {"0", absl::ZeroDuration()},
      {"20", absl::Seconds(20)},
      {" 20 ", absl::Seconds(20)},
      {"1.5", absl::Milliseconds(1500)},
      {"86400", absl::Hours(24)},
      {"Sun, 01 Mar 2026 12:00:30 GMT", absl::Seconds(30)},
      {"Sunday, 01-Mar-26 12:00:30 GMT", absl::Seconds(30)},
      {"Sun Mar  1 12:00:30 2026", absl::Seconds(30)},
      {"Sun, 01 Mar 2026 11:59:30 GMT", std::nullopt},
      {"Mon, 01 Mar 2027 12:00:01 GMT", std::nullopt},
      {"Sun, 01 Mar 2026 12:00:30 CET", std::nullopt},
      {"-1", std::nullopt},
      {"31536001", std::nullopt},
      {"1e3", std::nullopt},
      {"nan", std::nullopt},
      {"inf", std::nullopt},
      {"0x10", std::nullopt},
      {"1.2.3", std::nullopt},
      {"soon", std::nullopt},
      {"", std::nullopt},
      {"99999999999999999999999999999999", std::nullopt},
  };
  for (const RetryRow& row : rows) EXPECT_EQ(AskedBy(503, {{"retry-after", row.value}}), row.wait) << row.value;
}

TEST(RetryAfterTest, TakesMillisecondsFirst) {
  EXPECT_EQ(AskedBy(429, {{"retry-after", "20"}, {"retry-after-ms", "250"}}), absl::Milliseconds(250));
  EXPECT_EQ(AskedBy(429, {{"retry-after", "20"}, {"retry-after-ms", "x"}}), absl::Seconds(20));
}

TEST(RetryAfterTest, TakesTheResetOfTheLimitThatIsUsedUp) {
  const char* requests = "x-ratelimit-reset-requests";
  const char* tokens = "x-ratelimit-reset-tokens";
  EXPECT_EQ(AskedBy(429, {{requests, "1s"}}), absl::Seconds(1));
  EXPECT_EQ(AskedBy(429, {{tokens, "6m0s"}}), absl::Minutes(6));
  EXPECT_EQ(AskedBy(429, {{tokens, "250ms"}}), absl::Milliseconds(250));
  EXPECT_EQ(AskedBy(429, {{tokens, "1h2m3.5s"}}), absl::Milliseconds(3723500));
  EXPECT_EQ(AskedBy(429, {{tokens, "7"}}), absl::Seconds(7));
  for (const char* absurd : {"-1s", "inf", "9000h", "1772366400", "x", ""}) {
    EXPECT_EQ(AskedBy(429, {{tokens, absurd}}), std::nullopt) << absurd;
  }
  EXPECT_EQ(AskedBy(429, {{requests, "8h"}, {tokens, "6s"}}), absl::Seconds(6));
  EXPECT_EQ(AskedBy(429, {{requests, "8h"}, {tokens, "6s"}, {"x-ratelimit-remaining-requests", "0"}}), absl::Hours(8));
  EXPECT_EQ(AskedBy(429, {{requests, "2s"}, {tokens, "6s"}, {"x-ratelimit-remaining-tokens", "0"}}), absl::Seconds(6));
  EXPECT_EQ(AskedBy(429, {{"retry-after", "20"}, {tokens, "6s"}}), absl::Seconds(20));
  EXPECT_EQ(AskedBy(500, {{tokens, "6s"}}), std::nullopt) << "comes with every reply, and asks for nothing then";
}

TEST(RetryAfterTest, AsksForNothingAfterACompletion) {
  const HttpReply reply = Answered(200, Chat(R"({"content":"Hi"})"), {{"retry-after", "20"}});
  EXPECT_EQ(ReadReply(reply, 400, kReplyTime).retry_after, std::nullopt);
}

}  // namespace
}  // namespace quern::llm
