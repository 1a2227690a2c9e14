#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace prometheus {
class Collectable;
class Registry;
}  // namespace prometheus

namespace quern::service {

// The process's metrics: a registry, the process's own figures and build_info, and an HTTP endpoint for Prometheus.
// Thread-safe.
class Metrics {
 public:
  // `process` is "quern-filter", say.
  explicit Metrics(const std::string& process);
  ~Metrics();

  // Serves /metrics at host:port; "off" serves nothing. UNAVAILABLE, reason ADDRESS_IN_USE: somebody else listens
  // there; INVALID_ARGUMENT, reason INVALID_ADDRESS.
  absl::Status Expose(const std::string& address);

  // The address with the port that was picked; empty when nothing is served.
  const std::string& address() const { return address_; }

  prometheus::Registry& registry();

  // Adds families that are computed at each scrape.
  void Add(std::shared_ptr<prometheus::Collectable> collectable);

  // All metrics in Prometheus' text format.
  std::string Text() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string address_;
};

}  // namespace quern::service
