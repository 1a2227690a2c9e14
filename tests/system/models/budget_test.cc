#include <algorithm>

#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(ModelsTest, ABudgetPausesTheJobBeforeItIsOverspent) {
  constexpr uint32_t kSlots = 64;
  server_.Start({"--latency", "20ms"});
  WriteCorpus(60);
  ModelJob job;
  job.max_concurrency = kSlots;
  WriteSpec(job);
  ASSERT_EQ(Run(Output("free")).code, 0);
  const std::vector<WitnessedCall> free = server_.Calls();
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
  EXPECT_LE(cost, cap) << "however many were under way";

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

// They were under way when a person was asked for, and told as if they had not been.
TEST_F(ModelsTest, WhatIsAnsweredAfterThePauseIsTold) {
  // All documents are asked about at once; who asks the second question is refused while most of the first are
  // unanswered.
  server_.Start({"--latency", "lognormal:1s:0.8", "--script", folder_.Write("script", "61 402\n")});
  WriteCorpus(60);
  ModelJob job;
  job.max_concurrency = 64;
  WriteSpec(job);
  ASSERT_EQ(Run(Output()).code, 5);
  std::vector<WitnessedCall> calls = server_.Calls();
  EXPECT_EQ(std::erase_if(calls, [](const WitnessedCall& call) { return call.status == 402; }), 1u);
  EXPECT_GE(calls.size(), 60u);
  ExpectPaid(Reported(Output()), calls);
}

TEST_F(ModelsTest, ACapThatOneCallMayExceedIsSaidAndNothingIsPaid) {
  server_.Start();
  WriteCorpus(3);
  ModelJob job;
  job.spec = "budget: {max_cost: 0.01}\n";
  WriteSpec(job);
  const Said said = Run(Output());
  EXPECT_EQ(said.code, 5);
  EXPECT_THAT(said.err, HasSubstr("the job has spent 0.0000 of its 0.0100 USD, and the next call may take 0.0"));
  EXPECT_TRUE(server_.Calls().empty());
}

}  // namespace
}  // namespace quern::testing
