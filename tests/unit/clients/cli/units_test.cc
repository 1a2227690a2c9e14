#include "clients/cli/units.h"

#include <gtest/gtest.h>

namespace quern::cli {
namespace {

TEST(UnitsTest, NumbersAreGrouped) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
}

TEST(UnitsTest, OneIsNoPlural) {
  EXPECT_EQ(Counted(0, "document"), "0 documents");
  EXPECT_EQ(Counted(1, "document"), "1 document");
  EXPECT_EQ(Counted(1234, "dead letter"), "1,234 dead letters");
}

TEST(UnitsTest, RatesKeepADigitWhereItMatters) {
  EXPECT_EQ(Rate(0), "0/s");
  EXPECT_EQ(Rate(0.42), "0.4/s");
  EXPECT_EQ(Rate(1999.6), "2,000/s");
}

TEST(UnitsTest, SharesOfNothingAreADash) {
  EXPECT_EQ(Percent(1, 8), "12.5 %");
  EXPECT_EQ(Percent(0, 0), "–");
}

TEST(UnitsTest, BytesAndDurationsReadShort) {
  EXPECT_EQ(Bytes(512), "512 B");
  EXPECT_EQ(Bytes(1536), "1.5 KiB");
  EXPECT_EQ(Lasting(absl::Seconds(42)), "42s");
  EXPECT_EQ(Lasting(absl::Seconds(190)), "3m10s");
  EXPECT_EQ(Lasting(absl::Minutes(125)), "2h05m");
  EXPECT_EQ(Lasting(absl::Hours(76)), "3d04h");
}

}  // namespace
}  // namespace quern::cli
