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

TEST(RedisConnectionTest, RepliesOfAllKindsComeAsTheyAre) {
  testing::RedisServer server;
  RedisOptions options;
  options.url = server.url();
  Redis redis(options);
  EXPECT_EQ(redis.Command({"PING"})->string, "PONG");
  const std::string bytes("a\0\r\nb", 5);
  const auto reply =
      redis.Command({"EVAL", "return {7, ARGV[1], {{}, {'deep'}}, false, {err = 'ERR inside'}, 'last'}", "0", bytes});
  ASSERT_TRUE(reply.ok()) << reply.status().message();
  ASSERT_EQ(reply->array.size(), 6u);
  EXPECT_EQ(reply->array[0].integer, 7);
  EXPECT_EQ(reply->array[1].string, bytes);
  ASSERT_EQ(reply->array[2].array.size(), 2u);
  EXPECT_EQ(reply->array[2].array[0].type, Reply::Type::kArray);
  EXPECT_TRUE(reply->array[2].array[0].array.empty());
  EXPECT_EQ(reply->array[2].array[1].array.at(0).string, "deep");
  EXPECT_EQ(reply->array[3].type, Reply::Type::kNil);
  EXPECT_EQ(reply->array[4].type, Reply::Type::kError);
  EXPECT_EQ(reply->array[4].string, "ERR inside");
  EXPECT_EQ(reply->array[5].string, "last");
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
