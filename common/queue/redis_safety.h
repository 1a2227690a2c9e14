#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/queue/redis.h"

namespace quern::queue {

// The value of `field` in a reply of INFO, or "" where it has none.
std::string InfoField(std::string_view info, std::string_view field);

// FAILED_PRECONDITION (REDIS_UNSAFE) for a Redis that may lose work: older than 7.0, one that evicts keys, or without
// an append-only file. With `allow_unsafe` only the version is checked, because the scripts need it.
absl::Status CheckSafety(Redis& redis, bool allow_unsafe);

// How a Redis stands.
struct RedisCondition {
  uint64_t memory_used = 0;
  // Bytes; 0 for no limit.
  uint64_t memory_limit = 0;
  uint64_t evicted_keys = 0;
  // It could not write or rewrite its append-only file the last time.
  bool log_failing = false;
};

absl::StatusOr<RedisCondition> ReadCondition(Redis& redis);

// Sets stream-node-max-bytes to 4096: with larger nodes entries that were deleted hold memory until the last of their
// node is. A Redis that does not allow it is warned about once per process.
void LimitStreamNodes(Redis& redis);

}  // namespace quern::queue
