#include "common/base/config/units.h"

#include <gtest/gtest.h>

namespace quern::config {
namespace {

TEST(UnitsTest, DurationsCarryUnits) {
  EXPECT_EQ(ParseDuration("30s"), absl::Seconds(30));
  EXPECT_EQ(ParseDuration("500ms"), absl::Milliseconds(500));
  EXPECT_EQ(ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(ParseDuration("1.5s"), absl::Milliseconds(1500));
  EXPECT_EQ(ParseDuration("7d"), absl::Hours(168));
  EXPECT_EQ(ParseDuration("0"), absl::ZeroDuration());
}

TEST(UnitsTest, IllFormedDurationsAreRefused) {
  for (const char* text : {"", "30", "s", "-1s", "1x", "1 s", "1s2", "inf", "1e9s", "99999999999999999999999d"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(UnitsTest, SizesCarryUnits) {
  EXPECT_EQ(ParseBytes("4096"), 4096u);
  EXPECT_EQ(ParseBytes("64MiB"), 64u << 20);
  EXPECT_EQ(ParseBytes("1.5 GiB"), 3u << 29);
  EXPECT_EQ(ParseBytes("10MB"), 10'000'000u);
  EXPECT_EQ(ParseBytes("18446744073709551615"), UINT64_MAX);
}

TEST(UnitsTest, IllFormedSizesAreRefused) {
  for (const char* text : {"", "MiB", "-1", "1.5", "0.3B", "64mib", "1 MiB x", "18446744073709551616", "16777216TiB"}) {
    EXPECT_EQ(ParseBytes(text), std::nullopt) << text;
  }
}

TEST(UnitsTest, WhatIsWrittenReadsBackAsTheSame) {
  for (const char* text : {"10m30s", "7d", "500ms", "1s500ms"}) EXPECT_EQ(DurationText(*ParseDuration(text)), text);
  for (const char* text : {"64MiB", "1GiB", "1000", "0"}) EXPECT_EQ(BytesText(*ParseBytes(text)), text);
  EXPECT_EQ(DurationText(absl::ZeroDuration()), "0s");
}

}  // namespace
}  // namespace quern::config
