#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/queue/redis.h"

namespace quern::queue {

// Tells up to when Redis' state survives a crash of its machine: by WAITAOF where the server has it (7.2), else by age
// (3 s, while INFO shows no fsync pending or delayed and the last write OK), else at once with appendfsync always.
// Times are Redis' own, in milliseconds since the epoch, as in stream ids. Thread-compatible; owns one connection.
class DurabilityClock {
 public:
  explicit DurabilityClock(RedisOptions redis);

  // Everything written strictly before this time is durable. Monotone unless Redis restarted. At most one round trip
  // per 100 ms; in between the last value is returned.
  absl::StatusOr<int64_t> DurableUntilMs();

  // Redis' own time now.
  absl::StatusOr<int64_t> NowMs();

 private:
  Redis redis_;
  int64_t durable_until_ms_ = 0;
  absl::Time asked_at_;
};

}  // namespace quern::queue
