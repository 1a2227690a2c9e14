#pragma once

#include <memory>
#include <string_view>

#include "absl/time/time.h"
#include "common/service/metrics.h"

namespace quern::service {

// quern_redis_command_duration_seconds{command}: round trips to Redis (see queue::RedisOptions::observe). Thread-safe.
class RedisMetrics {
 public:
  // `metrics` outlives it.
  explicit RedisMetrics(Metrics* metrics);
  ~RedisMetrics();

  void Observe(std::string_view command, absl::Duration took);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quern::service
