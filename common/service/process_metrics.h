#pragma once

#include <prometheus/collectable.h>

#include <vector>

namespace quern::service {

// The process as its kernel sees it, under the names that Prometheus' client libraries share: CPU, memory, files,
// threads, start. Thread-safe.
class ProcessMetrics : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace quern::service
