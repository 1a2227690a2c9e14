#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/queue/redis.h"

namespace quern::queue {

// Tells up to when Redis' state survives a crash of its machine: by WAITAOF where the server has it (7.2), else by age
// (3 s, while INFO shows no fsync pending or delayed and the last write OK), else at once with appendfsync always.
// Times are Redis' own, in milliseconds since the epoch, as in stream ids. FAILED_PRECONDITION (REDIS_UNSAFE): this
// Redis never makes anything durable (no append-only file, appendfsync no); with allow_unsafe everything counts as
// durable there. Thread-compatible; owns one connection.
class DurabilityClock {
 public:
  explicit DurabilityClock(RedisOptions redis);

  // Everything written strictly before this time is durable. Monotone unless Redis restarted. At most one round trip
  // per 100 ms; in between the last value is returned.
  absl::StatusOr<int64_t> DurableUntilMs();

  // Where the age rule holds and this Redis is exclusive: makes what has been written durable now, so that the end of a
  // job need not wait for the age. Costs Redis one fsync. Elsewhere, and within 3 s of Redis' beginning to rewrite its
  // log, it does nothing.
  absl::Status Hasten();

  // Redis' own time now.
  absl::StatusOr<int64_t> NowMs();

 private:
  absl::Status Ask();
  absl::Status AskByAge(int64_t now_ms, const std::string& info);
  absl::Status AskByWait(int64_t now_ms);

  Redis redis_;
  const bool allow_unsafe_;
  const bool exclusive_;
  int64_t durable_until_ms_ = 0;
  absl::Time asked_at_ = absl::InfinitePast();
  // Age rule: how many fsyncs Redis had delayed at the last look, and when that number last grew (Redis' time).
  int64_t delayed_fsyncs_ = -1;
  int64_t delayed_at_ms_ = 0;
  // Age rule: how many rewrites of its log Redis had begun at the last look, when that number last changed, and up to
  // when Hasten has made all durable.
  int64_t rewrites_ = 0;
  int64_t rewritten_at_ms_ = 0;
  int64_t hastened_until_ms_ = 0;
  bool may_hasten_ = false;
  // WAITAOF: the mark that was written and is waited for (0: none), on which connection.
  int64_t mark_ms_ = 0;
  uint64_t mark_connection_ = 0;
};

}  // namespace quern::queue
