#include <algorithm>

#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(ModelsTest, ABudgetPausesTheJobBeforeItIsOverspent) {
  constexpr uint32_t kSlots = 4;
  server_.Start({"--latency", "20ms"});
  WriteCorpus(60);
  ModelJob job;
  job.max_concurrency = kSlots;
  WriteSpec(job);
  ASSERT_EQ(Run(Output("free")).code, 0);
  const std::vector<WitnessedCall> free = server_.Calls();
  double dearest = 0;
  for (const WitnessedCall& call : free) dearest = std::max(dearest, CostOf({call}));
  const double cap = CostOf(free) * 0.3;

  job.spec = absl::StrFormat("budget: {max_cost: %.6f}\n", cap);
  WriteSpec(job);
  const Said said = Run(Output());
  EXPECT_EQ(said.code, 5) << said.err;
  EXPECT_THAT(said.err, HasSubstr(": BUDGET_SPENT: the job has spent"));
  const std::vector<WitnessedCall> all = server_.Calls();
  const double cost = CostOf({all.begin() + static_cast<int64_t>(free.size()), all.end()});
  ExpectPaid(Reported(Output()), {all.begin() + static_cast<int64_t>(free.size()), all.end()});
  EXPECT_GT(cost, cap * 0.9);
  EXPECT_LE(cost, cap + kSlots * dearest);

  // The cap holds for the job, not for a process.
  const Said again = Run(Output());
  EXPECT_EQ(again.code, 5) << again.err;
  EXPECT_EQ(server_.Calls().size(), all.size());

  // The same run with a higher one goes on where it stood, and pays for nothing twice.
  job.spec = absl::StrFormat("budget: {max_cost: %.6f}\n", CostOf(free) * 1.1);
  WriteSpec(job);
  const Said raised = Run(Output());
  EXPECT_EQ(raised.code, 0) << raised.err;
  EXPECT_EQ(RecordIds(Output()), RecordIds(Output("free")));
  EXPECT_EQ(server_.Calls().size(), 2 * free.size());
}

// They were under way when the budget was found spent, and told as if they had not been.
TEST_F(ModelsTest, WhatIsAnsweredAfterThePauseIsTold) {
  // The first replies spend it, and the last come seconds later.
  server_.Start({"--latency", "lognormal:1s:0.8"});
  WriteCorpus(60);
  ModelJob job;
  job.max_concurrency = 64;
  job.spec = "budget: {max_cost: 0.002}\n";
  WriteSpec(job);
  ASSERT_EQ(Run(Output()).code, 5);
  ExpectPaid(Reported(Output()), server_.Calls());
  EXPECT_GT(CostOf(server_.Calls()), 0.01);
}

}  // namespace
}  // namespace quern::testing
