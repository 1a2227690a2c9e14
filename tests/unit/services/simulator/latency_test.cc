#include "services/simulator/latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace quern::simulator {
namespace {

std::vector<absl::Duration> Drawn(const char* text) {
  const auto latency = Latency::Parse(text);
  EXPECT_TRUE(latency.ok()) << latency.status();
  std::vector<absl::Duration> drawn;
  for (uint64_t i = 0; i < 10'000; ++i) drawn.push_back(latency->Draw(i << 32));
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

TEST(LatencyTest, IsAlwaysTheSameWhenConstant) {
  const auto drawn = Drawn("200ms");
  EXPECT_EQ(drawn.front(), absl::Milliseconds(200));
  EXPECT_EQ(drawn.back(), absl::Milliseconds(200));
}

TEST(LatencyTest, SpreadsEvenlyWhenUniform) {
  const auto drawn = Drawn("uniform:50ms:500ms");
  EXPECT_GE(drawn.front(), absl::Milliseconds(50));
  EXPECT_LE(drawn.back(), absl::Milliseconds(500));
  EXPECT_NEAR(absl::ToDoubleMilliseconds(drawn[2500]), 162.5, 10);
  EXPECT_NEAR(absl::ToDoubleMilliseconds(drawn[7500]), 387.5, 10);
}

TEST(LatencyTest, HasMedianAndSpreadWhenLognormal) {
  const auto drawn = Drawn("lognormal:200ms:0.5");
  EXPECT_NEAR(absl::ToDoubleMilliseconds(drawn[5000]), 200, 6);
  // One standard deviation up: e^0.5 times the median.
  EXPECT_NEAR(absl::ToDoubleMilliseconds(drawn[8413]), 329.7, 12);
}

TEST(LatencyTest, RefusesWhatItDoesNotUnderstand) {
  for (const char* text : {"", "200", "-1s", "uniform:1s", "uniform:2s:1s", "normal:1s:1", "lognormal:1s:x",
                           "lognormal:1s:nan", "lognormal:1s:-1", "uniform:1s:2s:3s"}) {
    EXPECT_FALSE(Latency::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace quern::simulator
