#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/queue/redis.h"

namespace quern::queue {

// Limits per minute that all processes share, as token buckets in Redis. Thread-compatible; owns one connection.
class RateBuckets {
 public:
  struct Taken {
    size_t calls = 0;
    absl::Duration wait = absl::ZeroDuration();
  };

  explicit RateBuckets(RedisOptions redis) : redis_(std::move(redis)) {}

  // Takes as many calls as the account's buckets admit now, the first of `tokens` first; `wait` is the time until there
  // may be more. A limit of 0 is none. `correction` is taken from the tokens besides. Errors: those of Redis.
  absl::StatusOr<Taken> Take(const std::string& account, uint64_t calls_per_minute, uint64_t tokens_per_minute,
                             absl::Span<const uint64_t> tokens, int64_t correction);

 private:
  Redis redis_;
};

}  // namespace quern::queue
