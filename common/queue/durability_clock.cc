#include "common/queue/durability_clock.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/queue/fields.h"
#include "common/queue/redis_safety.h"

namespace quern::queue {
namespace {

constexpr absl::Duration kAskInterval = absl::Milliseconds(100);
// With appendfsync everysec Redis fsyncs each second and postpones a write by at most 2 s while a fsync is under way.
constexpr int64_t kAgeMs = 3000;
// Written to have something that the log must hold: WAITAOF waits for the last write of its own connection, and Redis
// answers a write after its fsync under appendfsync always.
constexpr std::string_view kMarkKey = "quern:durability-mark";

int64_t ToMilliseconds(const Reply& time) { return NumberOf(time.array[0]) * 1000 + NumberOf(time.array[1]) / 1000; }

bool HasWaitAof(const std::string& version) {
  const int major = std::atoi(version.c_str());
  const size_t dot = version.find('.');
  const int minor = dot == std::string::npos ? 0 : std::atoi(version.c_str() + dot + 1);
  return major > 7 || (major == 7 && minor >= 2);
}

}  // namespace

DurabilityClock::DurabilityClock(RedisOptions redis)
    : redis_(redis), allow_unsafe_(redis.allow_unsafe), exclusive_(redis.exclusive) {}

absl::StatusOr<int64_t> DurabilityClock::NowMs() {
  QUERN_ASSIGN_OR_RETURN(const Reply time, redis_.Command({"TIME"}));
  return ToMilliseconds(time);
}

absl::StatusOr<int64_t> DurabilityClock::DurableUntilMs() {
  const absl::Time now = absl::Now();
  if (now - asked_at_ >= kAskInterval) {
    QUERN_RETURN_IF_ERROR(Ask());
    asked_at_ = now;
  }
  return durable_until_ms_;
}

absl::Status DurabilityClock::Hasten() {
  QUERN_RETURN_IF_ERROR(Ask());
  QUERN_ASSIGN_OR_RETURN(const int64_t now_ms, NowMs());
  // A rewrite leaves the end of the old file to a fsync in the background.
  if (!exclusive_ || !may_hasten_ || now_ms - rewritten_at_ms_ <= kAgeMs) return absl::OkStatus();
  // One at a time: Redis writes its log, and fsyncs it, before it answers.
  const int64_t rewrites = rewrites_;
  QUERN_RETURN_IF_ERROR(redis_.Command({"CONFIG", "SET", "appendfsync", "always"}).status());
  const absl::Status marked = redis_.Command({"SET", kMarkKey, absl::StrFormat("%d", now_ms)}).status();
  QUERN_RETURN_IF_ERROR(redis_.Command({"CONFIG", "SET", "appendfsync", "everysec"}).status());
  QUERN_RETURN_IF_ERROR(marked);
  QUERN_RETURN_IF_ERROR(Ask());
  if (rewrites_ == rewrites) hastened_until_ms_ = durable_until_ms_ = now_ms;
  return absl::OkStatus();
}

absl::Status DurabilityClock::Ask() {
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies,
                         redis_.Pipeline({{"TIME"}, {"INFO"}, {"CONFIG", "GET", "appendfsync"}}));
  for (const Reply& reply : {replies[0], replies[1]}) {
    if (reply.type == Reply::Type::kError) return ErrorOf(reply);
  }
  const int64_t now_ms = ToMilliseconds(replies[0]);
  const std::string& info = replies[1].string;
  // Where CONFIG is not allowed: the server's default.
  const std::string fsync = replies[2].array.size() == 2 ? replies[2].array[1].string : "everysec";
  if (InfoField(info, "aof_enabled") != "1" || fsync == "no") {
    if (!allow_unsafe_) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "REDIS_UNSAFE",
                       "Redis makes nothing durable: set appendonly to yes and appendfsync to everysec");
    }
    durable_until_ms_ = now_ms;
    return absl::OkStatus();
  }
  if (fsync == "always") {
    durable_until_ms_ = now_ms;
    return absl::OkStatus();
  }
  return HasWaitAof(InfoField(info, "redis_version")) ? AskByWait(now_ms) : AskByAge(now_ms, info);
}

absl::Status DurabilityClock::AskByAge(int64_t now_ms, const std::string& info) {
  const int64_t rewrites = NumberOf(std::string_view(InfoField(info, "aof_rewrites")));
  if (rewrites != rewrites_) rewritten_at_ms_ = now_ms;
  rewrites_ = rewrites;
  const int64_t delayed = NumberOf(std::string_view(InfoField(info, "aof_delayed_fsync")));
  // The first look cannot tell when the delays it sees happened; a smaller number means that Redis restarted.
  if (delayed_fsyncs_ >= 0 && delayed > delayed_fsyncs_) delayed_at_ms_ = now_ms;
  delayed_fsyncs_ = delayed;
  const bool pending = NumberOf(std::string_view(InfoField(info, "aof_pending_bio_fsync"))) > 0;
  const bool written = InfoField(info, "aof_last_write_status") == "ok";
  if (!pending && written && now_ms - delayed_at_ms_ > kAgeMs) durable_until_ms_ = now_ms - kAgeMs;
  // Under appendfsync always, Redis ends when it cannot write.
  may_hasten_ = written;
  // Not after Redis' time went back.
  if (hastened_until_ms_ <= now_ms) durable_until_ms_ = std::max(durable_until_ms_, hastened_until_ms_);
  return absl::OkStatus();
}

absl::Status DurabilityClock::AskByWait(int64_t now_ms) {
  if (mark_ms_ != 0 && mark_connection_ == redis_.connections()) {
    // One millisecond: the fsync happens once a second, so most calls learn nothing and none holds the sink up.
    QUERN_ASSIGN_OR_RETURN(const Reply synced, redis_.Command({"WAITAOF", "1", "0", "1"}));
    if (synced.array.empty() || synced.array[0].integer < 1) return absl::OkStatus();
    if (mark_connection_ == redis_.connections()) durable_until_ms_ = mark_ms_;
  }
  const std::string mark = absl::StrFormat("%d", now_ms);
  QUERN_RETURN_IF_ERROR(redis_.Command({"SET", kMarkKey, mark}).status());
  mark_ms_ = now_ms;
  mark_connection_ = redis_.connections();
  return absl::OkStatus();
}

}  // namespace quern::queue
