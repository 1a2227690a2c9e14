#include "common/service/redis_metrics.h"

#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/absl_view.h"

namespace quern::service {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

// From a round trip on a socket to one that times out.
const Buckets& RoundTrips() {
  static const Buckets& bounds = *new Buckets{0.0002, 0.0005, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};
  return bounds;
}

}  // namespace

struct RedisMetrics::Parts {
  explicit Parts(Metrics* metrics)
      : family(prometheus::BuildHistogram()
                   .Name("quern_redis_command_duration_seconds")
                   .Help("Round trips to Redis, by the command or script that was sent, the first one of several.")
                   .Register(metrics->registry())) {}

  prometheus::Family<prometheus::Histogram>& family;
  absl::Mutex mutex;
  // A family's own look-up hashes all labels.
  absl::flat_hash_map<std::string, prometheus::Histogram*> by_command ABSL_GUARDED_BY(mutex);
};

RedisMetrics::RedisMetrics(Metrics* metrics) : parts_(std::make_unique<Parts>(metrics)) {}
RedisMetrics::~RedisMetrics() = default;

void RedisMetrics::Observe(std::string_view command, absl::Duration took) {
  prometheus::Histogram* histogram;
  {
    absl::MutexLock lock(&parts_->mutex);
    prometheus::Histogram*& known = parts_->by_command[AbslView(command)];
    if (known == nullptr) known = &parts_->family.Add({{"command", std::string(command)}}, RoundTrips());
    histogram = known;
  }
  histogram->Observe(absl::ToDoubleSeconds(took));
}

}  // namespace quern::service
