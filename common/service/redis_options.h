#pragma once

#include "absl/status/statusor.h"
#include "common/queue/redis.h"
#include "quern/v1/config.pb.h"

namespace quern::service {

// The queue's options from a loaded configuration; reads the password file. INVALID_ARGUMENT, reason INVALID_CONFIG:
// the file cannot be read or is empty.
absl::StatusOr<queue::RedisOptions> MakeRedisOptions(const v1::RedisConfig& config);

}  // namespace quern::service
