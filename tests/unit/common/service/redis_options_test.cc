#include "common/service/redis_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace quern::service {
namespace {

using ::testing::Not;
using ::testing::StartsWith;

// Waiting for it would look like a Redis that is away.
TEST(RedisOptionsTest, AnAddressThatIsNoneIsRefusedByTheNameOfItsSetting) {
  for (const char* url : {"redis://localhost:abc", "redis://localhost:99999", "redis://localhost/abc",
                          "redis://user:secret-word@localhost"}) {
    v1::RedisConfig config;
    config.set_url(url);
    const auto options = MakeRedisOptions(config);
    ASSERT_FALSE(options.ok()) << url;
    EXPECT_THAT(std::string(options.status().message()), StartsWith("redis.url: "));
    EXPECT_THAT(std::string(options.status().message()), Not(HasSubstr("secret-word")));
  }
  v1::RedisConfig config;
  config.set_url("redis://:secret-word@localhost:6380/2");
  EXPECT_TRUE(MakeRedisOptions(config).ok());
}

}  // namespace
}  // namespace quern::service
