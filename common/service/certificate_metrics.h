#pragma once

#include <prometheus/collectable.h>

#include <string>
#include <vector>

namespace quern::service {

// When the certificate ends that a process listens with, read from its file at each scrape. Thread-safe.
class CertificateMetrics : public prometheus::Collectable {
 public:
  // `file`: PEM. Of several certificates in it the one counts that ends first; nothing is told while there is none.
  explicit CertificateMetrics(std::string file) : file_(std::move(file)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::string file_;
};

}  // namespace quern::service
