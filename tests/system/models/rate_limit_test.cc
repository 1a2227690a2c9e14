#include <algorithm>

#include "absl/time/clock.h"
#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

// Calls of all that were turned away.
double ShareOf429(const std::vector<WitnessedCall>& calls) {
  const auto refused = [](const WitnessedCall& call) { return call.status == 429; };
  return static_cast<double>(std::count_if(calls.begin(), calls.end(), refused)) / static_cast<double>(calls.size());
}

TEST_F(ModelsTest, ARunKeepsToTheRequestsPerMinuteOfItsAccount) {
  server_.Start({"--latency", "10ms", "--requests-per-minute", "3000", "--rate-window", "2"});
  WriteCorpus(100);
  ModelJob job;
  job.max_concurrency = 64;
  job.model = "    requests_per_minute: 3000\n";
  WriteSpec(job);
  const absl::Time begin = absl::Now();
  const Said said = Run(Output());
  const absl::Duration took = absl::Now() - begin;
  EXPECT_EQ(said.code, 0) << said.err;
  const std::vector<WitnessedCall> calls = server_.Calls();
  EXPECT_LT(ShareOf429(calls), 0.02);
  // 50 a second, and no more than a second's worth saved up.
  EXPECT_GE(took, absl::Seconds(static_cast<double>(calls.size()) / 50 - 1));
}

TEST_F(ModelsTest, ARunKeepsToTheTokensPerMinuteOfItsAccount) {
  server_.Start({"--latency", "10ms", "--tokens-per-minute", "1200000", "--rate-window", "2"});
  WriteCorpus(60);
  ModelJob job;
  job.max_concurrency = 64;
  job.model = "    tokens_per_minute: 1200000\n";
  WriteSpec(job);
  const Said said = Run(Output());
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_LT(ShareOf429(server_.Calls()), 0.02);
}

}  // namespace
}  // namespace quern::testing
