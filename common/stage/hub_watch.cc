#include "common/stage/hub_watch.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/queue/endpoints_down.h"

namespace quern::stage {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(1);
// A document's next call comes when its last is answered.
constexpr absl::Duration kFramesKept = absl::Minutes(1);

}  // namespace

HubWatch::HubWatch(const queue::RedisOptions& redis, llm::Hub* hub)
    : hub_(hub), redis_(redis), thread_([this] { Work(); }) {}

HubWatch::~HubWatch() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void HubWatch::Work() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kLookEvery)) return;
    }
    LookAtEndpoints();
    hub_->frames().ForgetUnusedSince(absl::Now() - kFramesKept);
  }
}

void HubWatch::LookAtEndpoints() {
  std::map<std::string, std::string> down;
  // Specs that reach it otherwise, such as an earlier one of a job, have an endpoint of their own for the same server.
  std::set<std::string> up;
  for (const auto& endpoint : hub_->endpoints()) {
    if (std::optional<std::string> reason = endpoint->down_reason()) {
      down[endpoint->name()] = *std::move(reason);
    } else {
      up.insert(endpoint->name());
    }
  }
  for (const std::string& name : up) down.erase(name);
  for (const auto& [name, reason] : down) {
    if (!down_.contains(name))
      LogWarning("a model's server does not answer; calls to it wait", {{"endpoint", name}, {"reason", reason}});
    // Redis being away is told by those who work with it; the key is written again in a second.
    queue::TellEndpointDown(redis_, name, reason).IgnoreError();
  }
  for (const auto& [name, reason] : down_) {
    if (!down.contains(name)) LogInfo("the model's server answers again", {{"endpoint", name}});
  }
  down_ = std::move(down);
}

}  // namespace quern::stage
