#include <gtest/gtest.h>

#include "common/queue/redis.h"
#include "tests/support/redis_server.h"

namespace quern::queue {
namespace {

TEST(RedisConnectionTest, AnIdleConnectionThatTheServerClosedIsOpenedAgainBeforeACommand) {
  testing::RedisServer server;
  RedisOptions options;
  options.url = server.url();
  Redis redis(options);
  ASSERT_TRUE(redis.Command({"PING"}).ok());
  server.Kill();
  server.Start();
  EXPECT_TRUE(redis.Command({"PING"}).ok());
  EXPECT_EQ(redis.connections(), 2u);
}

TEST(RedisConnectionTest, RoundTripsAreTold) {
  testing::RedisServer server;
  std::vector<std::string> told;
  RedisOptions options;
  options.url = server.url();
  options.observe = [&](std::string_view command, absl::Duration took) {
    told.emplace_back(command);
    EXPECT_GE(took, absl::ZeroDuration());
  };
  Redis redis(options);
  const Script script{"twice", "return 2"};
  ASSERT_TRUE(redis.Command({"PING"}).ok());
  ASSERT_TRUE(redis.Pipeline({{"SET", "a", "1"}, {"GET", "a"}}).ok());
  ASSERT_TRUE(redis.Run(script, {}, {}).ok());
  EXPECT_EQ(told, (std::vector<std::string>{"PING", "SET", "SCRIPT", "twice"}));
}

}  // namespace
}  // namespace quern::queue
