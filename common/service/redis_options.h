#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/queue/redis.h"
#include "quern/v1/config.pb.h"

namespace quern::service {

// The queue's options from a loaded configuration; reads the password file. INVALID_ARGUMENT or NOT_FOUND: the file
// cannot be read.
absl::StatusOr<queue::RedisOptions> MakeRedisOptions(const v1::RedisConfig& config);

// Looks once whether Redis is safe to keep work in: FAILED_PRECONDITION, reason REDIS_UNSAFE, says what to change. A
// Redis that is away is OK, but logged: who needs it waits for it. Takes up to the connect time-out.
absl::Status CheckRedis(const queue::RedisOptions& options);

}  // namespace quern::service
