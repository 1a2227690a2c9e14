#include "common/service/certificate_metrics.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

#include "common/service/families.h"

namespace quern::service {
namespace {

// Seconds since the epoch.
std::optional<double> FirstEnd(const std::string& file) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bytes(BIO_new_file(file.c_str(), "r"), &BIO_free);
  std::optional<double> first;
  while (bytes != nullptr) {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr),
                                                             &X509_free);
    std::tm end{};
    if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) break;
    const auto seconds = static_cast<double>(timegm(&end));
    first = std::min(first.value_or(seconds), seconds);
  }
  // That there is no further certificate counts as an error.
  ERR_clear_error();
  return first;
}

}  // namespace

std::vector<prometheus::MetricFamily> CertificateMetrics::Collect() const {
  const std::optional<double> end = FirstEnd(file_);
  if (!end) return {};
  return {FamilyBuilder(prometheus::MetricType::Gauge, "quern_tls_certificate_end_timestamp_seconds",
                        "When the certificate ends that this process listens with.")
              .Value(*end)
              .Take()};
}

}  // namespace quern::service
