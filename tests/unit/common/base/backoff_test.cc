#include "common/base/backoff.h"

#include <gtest/gtest.h>

namespace quern {
namespace {

TEST(BackoffTest, JitterIsFullAndItsCeilingDoublesUpToTheLimit) {
  Backoff backoff(absl::Milliseconds(500), absl::Seconds(60), /*seed=*/1);
  for (const auto& [failures, ceiling] : {std::pair(0u, 0.5), std::pair(1u, 1.0), std::pair(5u, 16.0),
                                          std::pair(7u, 60.0), std::pair(4000000000u, 60.0)}) {
    double lowest = 1e9;
    double highest = 0;
    for (int i = 0; i < 2000; ++i) {
      const double wait = absl::ToDoubleSeconds(backoff.Next(failures));
      lowest = std::min(lowest, wait);
      highest = std::max(highest, wait);
    }
    EXPECT_LE(highest, ceiling);
    EXPECT_GT(highest, 0.98 * ceiling);
    EXPECT_LT(lowest, 0.02 * ceiling);
  }
}

}  // namespace
}  // namespace quern
