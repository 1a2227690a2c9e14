#include "common/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "common/base/error.h"

namespace quern {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

TEST(LogTest, AnEventIsOneJsonObjectALine) {
  CaptureStderr();
  InitLogging("quern-test", LogLevel::kInfo);
  LogInfo("drain started",
          {{"grace", absl::Seconds(30)}, {"held", 7}, {"who", "a\"b\nc"}, {"last", true}, {"share", 0.5}});
  const std::string line = GetCapturedStderr();
  EXPECT_THAT(line, HasSubstr(R"("level":"info","process":"quern-test","message":"drain started","grace":30,"held":7,)"
                              R"("who":"a\"b\u000ac","last":true,"share":0.5})"));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST(LogTest, PlainSpdlogCallsComeOutInTheSameFormat) {
  CaptureStderr();
  InitLogging("quern-test", LogLevel::kInfo);
  spdlog::warn("connection to {} lost", "redis");
  spdlog::debug("not shown");
  EXPECT_THAT(GetCapturedStderr(),
              HasSubstr(R"("level":"warning","process":"quern-test","message":"connection to redis lost"})"));
}

TEST(LogTest, RepeatsAreLimited) {
  CaptureStderr();
  InitLogging("quern-test", LogLevel::kInfo);
  for (int i = 0; i < 1000; ++i) LogWarning("redis is away", {{"try", i}});
  LogWarning("something else");
  const std::string lines = GetCapturedStderr();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 11);
  EXPECT_THAT(lines, HasSubstr("something else"));
}

TEST(LogTest, ErrorsShowTheirReason) {
  CaptureStderr();
  InitLogging("quern-test", LogLevel::kInfo);
  LogError("redis refused", {{"error", MakeError(absl::StatusCode::kUnavailable, "REDIS_AWAY", "no route")}});
  EXPECT_THAT(GetCapturedStderr(), HasSubstr(R"("error":"UNAVAILABLE REDIS_AWAY: no route")"));
}

TEST(LogTest, TextIsALineForPeople) {
  CaptureStderr();
  InitLogging("quern-test", LogLevel::kInfo, LogFormat::kText);
  LogInfo("drain started", {{"grace", absl::Seconds(30)}, {"who", "a\"b\nc"}, {"job", "first"}, {"last", true}});
  spdlog::warn("connection to\n{} lost", "redis");
  const std::string lines = GetCapturedStderr();
  EXPECT_THAT(lines,
              HasSubstr("info    quern-test drain started  grace=30  who=\"a\\\"b\\u000ac\"  job=first  last=true\n"));
  EXPECT_THAT(lines, HasSubstr("warning quern-test connection to\\u000aredis lost\n"));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
}

}  // namespace
}  // namespace quern
