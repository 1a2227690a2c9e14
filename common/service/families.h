#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace quern::service {

// Builds a family of values that are read at each scrape. Thread-compatible.
class FamilyBuilder {
 public:
  FamilyBuilder(prometheus::MetricType type, std::string name, std::string help);

  // Adds one value; counters and gauges alike.
  FamilyBuilder& Value(double value, std::vector<prometheus::ClientMetric::Label> labels = {});

  prometheus::MetricFamily Take() { return std::move(family_); }

 private:
  prometheus::MetricFamily family_;
};

}  // namespace quern::service
