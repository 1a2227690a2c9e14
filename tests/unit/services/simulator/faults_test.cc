#include "services/simulator/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace quern::simulator {
namespace {

using ::testing::HasSubstr;

TEST(FaultPlanTest, GivesNumberedRequestsTheFaultsOfTheScript) {
  FaultPlan plan;
  ASSERT_TRUE(plan.AddScript("# the first goes wrong\n1 500\n\n3-5 hang\r\n4 reset\n").ok());
  EXPECT_EQ(plan.Of(1, 0.5), Fault::k500);
  EXPECT_EQ(plan.Of(2, 0.5), Fault::kNone);
  EXPECT_EQ(plan.Of(3, 0.5), Fault::kHang);
  EXPECT_EQ(plan.Of(4, 0.5), Fault::kReset);
  EXPECT_EQ(plan.Of(5, 0.5), Fault::kHang);
  EXPECT_EQ(plan.Of(6, 0.5), Fault::kNone);
}

TEST(FaultPlanTest, LetsLaterRangesGoFirst) {
  FaultPlan plan;
  ASSERT_TRUE(plan.AddScript("1-10 500\n2-3 429").ok());
  EXPECT_EQ(plan.Of(3, 0), Fault::k429);
  EXPECT_EQ(plan.Of(4, 0), Fault::k500);
}

TEST(FaultPlanTest, NamesTheLineThatIsWrong) {
  for (const char* script : {"1 500\n2", "1 500\n0 500", "1 500\nx 500", "1 500\n3-2 500", "1 500\n2 nonsense",
                             "1 500\n2 500 500", "1 500\n1- 500"}) {
    FaultPlan plan;
    EXPECT_THAT(std::string(plan.AddScript(script).message()), HasSubstr("line 2")) << script;
  }
}

TEST(FaultPlanTest, DividesChanceByTheRates) {
  FaultPlan plan;
  ASSERT_TRUE(plan.AddRates({"500=0.25", "think=0.5"}).ok());
  EXPECT_EQ(plan.Of(1, 0.0), Fault::k500);
  EXPECT_EQ(plan.Of(1, 0.2499), Fault::k500);
  EXPECT_EQ(plan.Of(1, 0.25), Fault::kThink);
  EXPECT_EQ(plan.Of(1, 0.7499), Fault::kThink);
  EXPECT_EQ(plan.Of(1, 0.75), Fault::kNone);
}

TEST(FaultPlanTest, LetsTheScriptGoBeforeChance) {
  FaultPlan plan;
  ASSERT_TRUE(plan.AddRates({"500=1"}).ok());
  ASSERT_TRUE(plan.AddScript("2 none").ok());
  EXPECT_EQ(plan.Of(1, 0.5), Fault::k500);
  EXPECT_EQ(plan.Of(2, 0.5), Fault::kNone);
}

TEST(FaultPlanTest, RefusesRatesThatAreNone) {
  for (const char* rate : {"500", "500=", "500=x", "500=-0.1", "500=1.1", "500=nan", "nonsense=0.1"}) {
    FaultPlan plan;
    EXPECT_FALSE(plan.AddRates({rate}).ok()) << rate;
  }
  FaultPlan plan;
  EXPECT_FALSE(plan.AddRates({"500=0.6", "502=0.6"}).ok());
}

}  // namespace
}  // namespace quern::simulator
