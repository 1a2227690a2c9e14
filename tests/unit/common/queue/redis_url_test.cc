#include "common/queue/redis_url.h"

#include <gtest/gtest.h>

namespace quern::queue {
namespace {

TEST(RedisUrlTest, ReadsEveryForm) {
  const auto tcp = ParseRedisUrl("redis://:se:c@ret@host.example:7000/3");
  ASSERT_TRUE(tcp.ok());
  EXPECT_EQ(tcp->host, "host.example");
  EXPECT_EQ(tcp->port, 7000);
  EXPECT_EQ(tcp->database, 3);
  EXPECT_EQ(tcp->password, "se:c@ret");
  EXPECT_EQ(ParseRedisUrl("redis://localhost")->port, 6379);
  EXPECT_EQ(ParseRedisUrl("redis://[::1]:7000")->host, "::1");
  const auto unix_socket = ParseRedisUrl("unix:///run/redis.sock?db=2");
  ASSERT_TRUE(unix_socket.ok());
  EXPECT_EQ(unix_socket->socket, "/run/redis.sock");
  EXPECT_EQ(unix_socket->database, 2);
}

TEST(RedisUrlTest, RefusesTheRestWithoutQuotingPasswords) {
  for (const char* url : {"", "localhost", "http://host", "redis://", "redis://host:99999", "redis://host/x",
                          "redis://user:hunter2@host", "unix://relative", "unix:///s?db=x"}) {
    const auto address = ParseRedisUrl(url);
    EXPECT_FALSE(address.ok()) << url;
    EXPECT_EQ(std::string(address.status().message()).find("hunter2"), std::string::npos);
  }
  EXPECT_FALSE(ParseRedisUrl("unix:///" + std::string(120, 'x')).ok());
}

}  // namespace
}  // namespace quern::queue
