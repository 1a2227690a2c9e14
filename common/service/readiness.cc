#include "common/service/readiness.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "common/queue/redis_safety.h"

namespace quern::service {
namespace {

constexpr absl::Duration kLookAtRedisEvery = absl::Seconds(1);
// A Redis that takes longer than this to answer has no room for work.
constexpr absl::Duration kRedisPatience = absl::Seconds(2);

queue::RedisOptions Impatient(queue::RedisOptions options) {
  options.connect_timeout = std::min(options.connect_timeout, kRedisPatience);
  options.timeout = std::min(options.timeout, kRedisPatience);
  return options;
}

}  // namespace

Readiness::Readiness(queue::RedisOptions redis, Server* server)
    : allow_unsafe_(redis.allow_unsafe),
      redis_(Impatient(std::move(redis))),
      server_(server),
      told_(absl::UnknownError("")),
      thread_([this] { Work(); }) {}

Readiness::~Readiness() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
  server_->SetServing(false);
}

void Readiness::Work() {
  while (true) {
    Tell(queue::CheckSafety(redis_, allow_unsafe_));
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kLookAtRedisEvery)) return;
  }
}

void Readiness::Tell(const absl::Status& redis) {
  if (redis.code() == told_.code()) return;
  told_ = redis;
  server_->SetServing(redis.ok());
  if (redis.ok()) {
    LogInfo("ready: Redis answers");
  } else {
    LogWarning("not ready: waiting for Redis", {{"error", redis}});
  }
}

}  // namespace quern::service
