#include "services/simulator/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace quern::simulator {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<CommandOptions> Read(const std::vector<std::string>& words) {
  const auto line = config::CommandLine::Parse(Flags(), words);
  if (!line.ok()) return line.status();
  return ReadOptions(*line);
}

TEST(OptionsTest, ReadsFlags) {
  const auto options =
      Read({"--listen", "[::1]:0", "--threads=2", "--latency", "1s", "--structured", "none", "--answers", "fixed",
            "--prefix-cache", "100000", "--fault", "500=0.1", "--fault=502=0.1"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->server.host, "::1");
  EXPECT_EQ(options->server.port, 0);
  EXPECT_EQ(options->server.threads, 2U);
  EXPECT_EQ(options->simulator.latency.Draw(1), absl::Seconds(1));
  EXPECT_EQ(options->simulator.structured, Structured::kNone);
  EXPECT_FALSE(options->simulator.rules);
  EXPECT_EQ(options->simulator.prefix_cache_tokens, 100'000U);
  EXPECT_EQ(options->simulator.faults.Of(1, 0.15), Fault::k502);
}

TEST(OptionsTest, NamesEveryFlagThatIsWrong) {
  const auto options = Read({"--listen", "8000", "--threads", "0", "--latency", "fast", "--structured", "xml",
                             "--answers", "good", "--knows", "2", "--seed", "1.5", "--fault", "x=1", "word"});
  ASSERT_FALSE(options.ok());
  const std::string message(options.status().message());
  for (const char* flag : {"--listen: ", "--threads: ", "--latency: ", "--structured: ", "--answers: ", "--knows: ",
                           "--seed: ", "--fault: ", "word: "}) {
    EXPECT_THAT(message, HasSubstr(flag));
  }
}

TEST(OptionsTest, SaysWhenTheScriptIsMissing) {
  const auto options = Read({"--script", "/nowhere/script"});
  EXPECT_EQ(options.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(options.status().message()), HasSubstr("/nowhere/script"));
}

}  // namespace
}  // namespace quern::simulator
