#include "common/base/near_name.h"

#include <gtest/gtest.h>

namespace quern {
namespace {

TEST(NearNameTest, ASlipOfThePenIsForgivenAndAnotherWordIsNot) {
  const std::vector<std::string> known = {"lanes", "weight", "run"};
  EXPECT_EQ(NearName("lane", known), "lanes");
  EXPECT_EQ(NearName("wieght", known), "weight");
  EXPECT_EQ(NearName("rnu", known), "run");
  EXPECT_EQ(NearName("budget", known), "");
  EXPECT_EQ(NearName("xy", known), "");
  EXPECT_EQ(NearName("lanes", {}), "");
}

}  // namespace
}  // namespace quern
