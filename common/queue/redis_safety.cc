#include "common/queue/redis_safety.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdlib>

#include "common/base/error.h"
#include "common/queue/fields.h"

namespace quern::queue {
namespace {

absl::Status Unsafe(const std::string& message) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "REDIS_UNSAFE", message);
}

}  // namespace

std::string InfoField(std::string_view info, std::string_view field) {
  const std::string key = std::string(field) + ":";
  size_t at = info.find(key);
  while (at != std::string_view::npos && at != 0 && info[at - 1] != '\n') at = info.find(key, at + 1);
  if (at == std::string_view::npos) return "";
  const size_t begin = at + key.size();
  return std::string(info.substr(begin, info.find_first_of("\r\n", begin) - begin));
}

absl::Status CheckSafety(Redis& redis, bool allow_unsafe) {
  QUERN_ASSIGN_OR_RETURN(const Reply info, redis.Command({"INFO"}));
  const std::string version = InfoField(info.string, "redis_version");
  if (std::atoi(version.c_str()) < 7) return Unsafe("Redis " + version + " is too old: 7.0 or newer is needed");
  if (allow_unsafe) return absl::OkStatus();
  const std::string policy = InfoField(info.string, "maxmemory_policy");
  if (policy != "noeviction") {
    return Unsafe("Redis may evict work: set maxmemory-policy to noeviction (it is " + policy + ")");
  }
  if (InfoField(info.string, "aof_enabled") != "1") {
    return Unsafe("Redis keeps no append-only file, so a crash would lose all work: set appendonly to yes");
  }
  return absl::OkStatus();
}

absl::StatusOr<RedisCondition> ReadCondition(Redis& redis) {
  QUERN_ASSIGN_OR_RETURN(const Reply info, redis.Command({"INFO"}));
  const auto number = [&info](std::string_view field) {
    return static_cast<uint64_t>(NumberOf(std::string_view(InfoField(info.string, field))));
  };
  RedisCondition condition;
  condition.memory_used = number("used_memory");
  condition.memory_limit = number("maxmemory");
  condition.evicted_keys = number("evicted_keys");
  // Without an append-only file there are no such fields.
  condition.log_failing = InfoField(info.string, "aof_last_write_status") == "err" ||
                          InfoField(info.string, "aof_last_bgrewrite_status") == "err";
  return condition;
}

void LimitStreamNodes(Redis& redis) {
  static std::atomic<bool> warned = false;
  const auto set = redis.Command({"CONFIG", "SET", "stream-node-max-bytes", "4096"});
  if (set.ok() || warned.exchange(true)) return;
  spdlog::warn("redis: cannot set stream-node-max-bytes to 4096; deleted entries may hold memory error=\"{}\"",
               std::string(set.status().message()));
}

}  // namespace quern::queue
