#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(ModelsTest, AJobEndsWithTheRecordsThatItWasToMake) {
  constexpr uint64_t kTarget = 20;
  server_.Start({"--latency", "100ms"});
  WriteCorpus(400);
  ModelJob job;
  job.max_concurrency = 4;
  job.spec = "target_records: 20\n";
  WriteSpec(job);
  const Said said = Run(Output());
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("it has the 20 records that it was to make"));
  const size_t records = RecordIds(Output()).size();
  EXPECT_GE(records, kTarget);
  // What was made while the last of them became durable: forty calls a second, of which a record takes two or more.
  EXPECT_LT(records, kTarget + 100);
  EXPECT_LT(server_.Calls().size(), 600u) << "documents that were begun are not finished first";
  const nlohmann::json counts = Inspect(Output());
  EXPECT_EQ(counts["state"], "completed");
  EXPECT_EQ(counts["reconciles"], true) << counts.dump(2);
  EXPECT_EQ(counts["items"]["records"], records);
  EXPECT_EQ(counts["items"]["in_flight"], 0);
  EXPECT_EQ(counts["documents"]["in_flight"], 0);

  // It is complete, also for who runs it again.
  const size_t calls = server_.Calls().size();
  const Said again = Run(Output());
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("complete already"));
  EXPECT_EQ(server_.Calls().size(), calls);
}

// However many calls the server takes at once.
TEST_F(ModelsTest, ATargetIsNotExceededByWhatAFastServerTakes) {
  server_.Start({"--latency", "100ms"});
  WriteCorpus(400);
  ModelJob job;
  job.max_concurrency = 1024;
  job.spec = "target_records: 40\n";
  WriteSpec(job);
  const Said said = Run(Output());
  EXPECT_EQ(said.code, 0) << said.err;
  const size_t records = RecordIds(Output()).size();
  EXPECT_GE(records, 40u);
  // Fewer than it wants were committed before the last commit, and of those that were held then there are three each.
  EXPECT_LT(records, 4 * 40u);
  EXPECT_LE(server_.Calls().size(), 8 * 80u);
}

}  // namespace
}  // namespace quern::testing
