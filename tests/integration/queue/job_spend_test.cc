// What jobs spend on models, kept in Redis by several processes.
#include "common/queue/job_spend.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/queue/keys.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

v1::ModelUsage Spent(uint64_t input, double cost) {
  v1::ModelUsage usage;
  usage.set_calls(1);
  usage.set_input_tokens(input);
  usage.set_output_tokens(2);
  usage.set_cost(cost);
  usage.set_reused_replies(3);
  return usage;
}

class JobSpendTest : public JobFixture {
 protected:
  uint64_t InputOf(queue::JobSpend& spend) {
    const auto total = spend.Total("job");
    EXPECT_TRUE(total.ok()) << total.status();
    return total.ok() ? total->spent.input_tokens() : 0;
  }

  std::vector<v1::StageUsage> Stored() {
    queue::Redis redis(At(redis_.url()));
    auto stored = queue::ReadSpend(redis, "job");
    EXPECT_TRUE(stored.ok()) << stored.status();
    return stored.ok() ? *std::move(stored) : std::vector<v1::StageUsage>();
  }

  // Input tokens of all stages, as they stand in Redis.
  uint64_t StoredInput() {
    uint64_t input = 0;
    for (const v1::StageUsage& usage : Stored()) input += usage.usage().input_tokens();
    return input;
  }
};

TEST_F(JobSpendTest, TwoProcessesAddUpByStageAndModelToTheLastBillionth) {
  CreateJob();
  {
    queue::JobSpend one(At(redis_.url()));
    queue::JobSpend other(At(redis_.url()));
    for (int i = 0; i < 1000; ++i) {
      one.Add("job", "generator", "m", Spent(10, 0.000'000'1));
      other.Add("job", "generator", "m", Spent(20, 0.000'000'2));
      other.Add("job", "verifier", "m", Spent(1, 0));
    }
  }
  const std::vector<v1::StageUsage> stored = Stored();
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].stage(), "generator");
  EXPECT_EQ(stored[0].model(), "m");
  EXPECT_EQ(stored[0].usage().calls(), 2000u);
  EXPECT_EQ(stored[0].usage().input_tokens(), 30'000u);
  EXPECT_EQ(stored[0].usage().output_tokens(), 4000u);
  EXPECT_EQ(stored[0].usage().reused_replies(), 6000u);
  EXPECT_NEAR(stored[0].usage().cost(), 0.000'3, 2e-9);
  EXPECT_EQ(stored[1].stage(), "verifier");
  EXPECT_EQ(stored[1].usage().input_tokens(), 1000u);
}

TEST_F(JobSpendTest, ATotalHoldsWhatWasSpentBeforeThisProcessAndByItAtOnce) {
  CreateJob();
  { queue::JobSpend(At(redis_.url())).Add("job", "generator", "m", Spent(100, 1)); }
  queue::JobSpend spend(At(redis_.url()));
  // First an addition: it must not pass for all that there is.
  spend.Add("job", "generator", "m", Spent(10, 0.5));
  EXPECT_GE(InputOf(spend), 110u);
  WaitUntil([&] { return InputOf(spend) == 110; }, "what was sent while Redis told is not counted twice for long");
  spend.Add("job", "generator", "m", Spent(1, 0.25));
  EXPECT_EQ(InputOf(spend), 111u);
  EXPECT_DOUBLE_EQ(spend.Total("job")->spent.cost(), 1.75);
  EXPECT_EQ(spend.Total("job")->spent.output_tokens(), 6u);
}

TEST_F(JobSpendTest, OthersSpendingShowsWithinASecondAlsoToWhoSpendsNothing) {
  CreateJob();
  queue::JobSpend spends(At(redis_.url()));
  queue::JobSpend looks(At(redis_.url()));
  EXPECT_EQ(InputOf(looks), 0u);
  for (uint64_t round = 1; round <= 2; ++round) {
    spends.Add("job", "generator", "m", Spent(10, 1));
    const absl::Time added = absl::Now();
    WaitUntil([&] { return InputOf(looks) == 10 * round; }, "the other's spending shows");
    // A second, and a machine that is busy with other tests.
    EXPECT_LT(absl::Now() - added, absl::Seconds(3));
  }
}

TEST_F(JobSpendTest, ManyAdditionsAreNeverCountedTwice) {
  CreateJob();
  queue::JobSpend spend(At(redis_.url()));
  EXPECT_EQ(InputOf(spend), 0u);
  const absl::Time end = absl::Now() + absl::Seconds(1);
  uint64_t added = 0;
  while (absl::Now() < end) {
    spend.Add("job", "generator", "m", Spent(1, 0));
    ++added;
    ASSERT_EQ(InputOf(spend), added);
    absl::SleepFor(absl::Milliseconds(1));
  }
  WaitUntil([&] { return StoredInput() == added; }, "all is in Redis");
}

TEST_F(JobSpendTest, ARedisThatIsAwayIsWaitedFor) {
  CreateJob();
  queue::JobSpend spend(At(redis_.url()));
  spend.Add("job", "generator", "m", Spent(1, 0));
  WaitUntil([&] { return StoredInput() == 1 && InputOf(spend) == 1; }, "the first is stored and told");
  redis_.Kill();
  for (int i = 0; i < 10; ++i) {
    spend.Add("job", "generator", "m", Spent(10, 0));
    absl::SleepFor(absl::Milliseconds(20));
  }
  EXPECT_EQ(InputOf(spend), 101u) << "known without Redis";
  EXPECT_EQ(spend.Total("another").status().code(), absl::StatusCode::kUnavailable);
  redis_.Start();
  WaitUntil([&] { return StoredInput() >= 101; }, "what was spent meanwhile is stored");
  EXPECT_EQ(StoredInput(), 101u);
  EXPECT_EQ(InputOf(spend), 101u);
}

TEST_F(JobSpendTest, ABudgetThatIsRaisedShowsAtOnceToWhoAsksAndSoonToAll) {
  CreateJob();
  queue::JobSpend spend(At(redis_.url()));
  EXPECT_EQ(spend.Total("job")->budget.max_tokens(), 0u);
  v1::BudgetSpec raised;
  raised.set_max_tokens(1000);
  ASSERT_TRUE(jobs_.SetBudget("job", raised).ok());
  EXPECT_EQ(spend.AskTotal("job")->budget.max_tokens(), 1000u);
  raised.set_max_tokens(2000);
  ASSERT_TRUE(jobs_.SetBudget("job", raised).ok());
  WaitUntil([&] { return spend.Total("job")->budget.max_tokens() == 2000; }, "the cap is told by itself");
  EXPECT_EQ(jobs_.Get("job")->budget().max_tokens(), 2000u);
  EXPECT_TRUE(absl::IsNotFound(jobs_.SetBudget("another", raised)));
}

TEST_F(JobSpendTest, ASpecThatStatesAnotherBudgetSetsItAndTheSameSpecLeavesWhatWasRaised) {
  v1::JobSpec spec;
  spec.add_models()->set_name("m");
  spec.mutable_budget()->set_max_tokens(1000);
  ASSERT_TRUE(jobs_.Create("job", spec, "/dataset").ok());
  v1::BudgetSpec raised;
  raised.set_max_tokens(5000);
  ASSERT_TRUE(jobs_.SetBudget("job", raised).ok());
  EXPECT_EQ(jobs_.Create("job", spec, "/dataset")->budget().max_tokens(), 5000u);
  spec.mutable_budget()->set_max_tokens(3000);
  EXPECT_EQ(jobs_.Create("job", spec, "/dataset")->budget().max_tokens(), 3000u);
  ASSERT_TRUE(jobs_.SetBudget("job", raised).ok());
  // Something else of the spec changes, and not its budget.
  spec.mutable_models(0)->set_max_retries(5);
  EXPECT_EQ(jobs_.Create("job", spec, "/dataset")->budget().max_tokens(), 5000u);
  spec.clear_budget();
  EXPECT_EQ(jobs_.Create("job", spec, "/dataset")->budget().max_tokens(), 0u);
}

TEST_F(JobSpendTest, ADeletedJobKeepsNoKey) {
  CreateJob();
  queue::JobSpend spend(At(redis_.url()));
  spend.Add("job", "generator", "m", Spent(1, 1));
  WaitUntil([&] { return StoredInput() == 1; }, "it is stored");
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  MemorySink(At(redis_.url()), "job", 1, false).RunUntilEnded(absl::Seconds(20));
  const absl::Status deleted = jobs_.Delete("job");
  ASSERT_TRUE(deleted.ok()) << deleted;
  // A call that was under way.
  spend.Add("job", "generator", "m", Spent(1, 1));
  spend.Add("job2", "generator", "m", Spent(1, 1));
  WaitUntil([&] { return InputOf(spend) == 0; }, "its account is empty");
  queue::Redis redis(At(redis_.url()));
  for (const std::string& key : {queue::SpendKey("job"), queue::JobKey("job"), queue::SpendKey("job2")}) {
    const auto exists = redis.Command({"EXISTS", key});
    ASSERT_TRUE(exists.ok());
    EXPECT_EQ(exists->integer, 0) << key;
  }
}

}  // namespace
}  // namespace quern::testing
