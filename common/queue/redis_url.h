#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace quern::queue {

// Where a Redis URL points.
struct RedisAddress {
  // Path of a unix socket; empty for TCP.
  std::string socket;
  std::string host;
  int port = 6379;
  std::string password;
  int database = 0;
};

// Reads redis://[:PASSWORD@]HOST[:PORT][/DB] or unix:///PATH[?db=N]. INVALID_ARGUMENT (REDIS_URL) for anything else.
// IPv6 addresses stand in brackets.
absl::StatusOr<RedisAddress> ParseRedisUrl(std::string_view url);

}  // namespace quern::queue
