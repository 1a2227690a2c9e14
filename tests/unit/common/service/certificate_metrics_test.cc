#include "common/service/certificate_metrics.h"

#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace quern::service {
namespace {

// A certificate of that many days; openssl makes it.
std::string Certificate(int days) {
  const std::string file = absl::StrCat(::testing::TempDir(), "/quern_certificate_", days, ".pem");
  const std::string command = absl::StrCat(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test -keyout /dev/null -days ",
      days, " -out ", file, " 2>/dev/null");
  EXPECT_EQ(std::system(command.c_str()), 0);
  return file;
}

double EndOf(const std::string& file) {
  const std::vector<prometheus::MetricFamily> families = CertificateMetrics(file).Collect();
  return families.size() == 1 ? families[0].metric[0].gauge.value : 0;
}

TEST(CertificateMetricsTest, TellsWhenTheFirstCertificateEnds) {
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  const std::string ten = Certificate(10), two = Certificate(2);
  EXPECT_NEAR(EndOf(ten), now + 10 * 86400, 600);
  ASSERT_EQ(std::system(absl::StrCat("cat ", two, " >> ", ten).c_str()), 0);
  EXPECT_NEAR(EndOf(ten), now + 2 * 86400, 600);
}

TEST(CertificateMetricsTest, TellsNothingOfWhatIsNone) {
  EXPECT_EQ(EndOf("/nowhere"), 0);
  EXPECT_EQ(EndOf("/etc/passwd"), 0);
}

}  // namespace
}  // namespace quern::service
