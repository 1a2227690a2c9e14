#include "common/base/config/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"

namespace quern::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<FlagSpec> kFlags = {{"redis", "URL", "Where Redis is."},
                                      {"set", "PATH=VALUE", "Sets one field; may be repeated."},
                                      {"print-config", "", "Prints the configuration."}};

TEST(CommandLineTest, TakesValuesAttachedOrApartAndRepeats) {
  const auto line = CommandLine::Parse(
      kFlags, {"run", "--redis=redis://h:1", "--set", "a.b=c", "--print-config", "--set=d=e", "--", "--file"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->Value("redis"), "redis://h:1");
  EXPECT_THAT(line->Values("set"), ElementsAre("a.b=c", "d=e"));
  EXPECT_TRUE(line->Has("print-config"));
  EXPECT_THAT(line->positional(), ElementsAre("run", "--file"));
  EXPECT_EQ(line->Value("config", "none"), "none");
}

TEST(CommandLineTest, AllFaultsAreToldAtOnce) {
  const auto line = CommandLine::Parse(kFlags, {"--rediss=x", "--print-config=yes", "--set", "--redis"});
  ASSERT_FALSE(line.ok());
  EXPECT_EQ(ErrorReason(line.status()), "USAGE");
  EXPECT_THAT(std::string(line.status().message()),
              AllOf(HasSubstr("--rediss: is unknown"), HasSubstr("--print-config: takes no value"),
                    HasSubstr("--set: expects a value: --set PATH=VALUE"), HasSubstr("--redis: expects a value")));
}

TEST(CommandLineTest, HelpAlignsAndWraps) {
  EXPECT_EQ(FlagHelp({{"a", "", "Short."}, {"long", "X", std::string(60, 'y') + " " + std::string(60, 'z')}}),
            "  --a       Short.\n  --long X  " + std::string(60, 'y') + "\n            " + std::string(60, 'z') + "\n");
}

}  // namespace
}  // namespace quern::config
