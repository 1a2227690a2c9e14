#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::StartsWith;

constexpr uint64_t kCleanDocuments = 60;

class CleanRunTest : public ModelsTest {};

TEST_F(CleanRunTest, AsksAsOftenAsNeededAndTellsWhatItSpent) {
  server_.Start({"--prefix-cache", "1000000"});
  WriteSpec();
  WriteCorpus(kCleanDocuments);
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kCleanDocuments);
  const std::vector<WitnessedCall> calls = server_.Calls();
  EXPECT_EQ(CallsByStage(calls), NeededCalls(Output(), kCleanDocuments));

  const v1::ModelUsage reported = Reported(Output());
  EXPECT_EQ(reported.calls(), calls.size());
  EXPECT_EQ(reported.retries(), 0);
  EXPECT_EQ(reported.ambiguous_calls(), 0);
  EXPECT_GT(reported.cached_tokens(), 0);
  ExpectPaid(reported, calls);
  EXPECT_THAT(said.err, ::testing::HasSubstr(absl::StrFormat("%.4f USD in all", CostOf(calls))));

  uint64_t inspected = 0;
  const nlohmann::json summary = Inspect(Output());
  for (const auto& usage : summary["usage"]) inspected += usage["calls"].get<uint64_t>();
  EXPECT_EQ(inspected, calls.size());
  const auto spec = nlohmann::json::parse(dataset::TemporaryFolder::Read(Output() + "/spec.json"));
  EXPECT_EQ(spec["models"][0]["model"], "simulated");
  EXPECT_FALSE(spec["models"][0].contains("base_urls"));
}

TEST_F(CleanRunTest, RecordsTellWhichModelsAndPromptsMadeThem) {
  server_.Start();
  WriteSpec();
  WriteCorpus(kCleanDocuments);
  ASSERT_EQ(Run(Output()).code, 0);
  const std::map<v1::StageName, std::string> versions = {{v1::STAGE_NAME_FILTER, "filter/"},
                                                         {v1::STAGE_NAME_PERSONA, "personas/"},
                                                         {v1::STAGE_NAME_GENERATOR, "question/"},
                                                         {v1::STAGE_NAME_VERIFIER, "verdict/"}};
  const auto records = Rows<v1::RecordRow>(Output(), dataset::RowKind::kRecords);
  ASSERT_FALSE(records.empty());
  for (const v1::RecordRow& record : records) {
    ASSERT_EQ(record.provenance().stages_size(), 4) << record.id();
    for (const v1::StageTrace& trace : record.provenance().stages()) {
      EXPECT_EQ(trace.engine(), v1::ENGINE_LLM);
      EXPECT_EQ(trace.model(), "small");
      EXPECT_THAT(trace.version(), StartsWith(versions.at(trace.stage())));
      EXPECT_EQ(trace.calls(), 1) << record.id();
      EXPECT_GT(trace.input_tokens(), 0);
      EXPECT_GT(trace.output_tokens(), 0);
      EXPECT_NEAR(trace.cost(), (trace.input_tokens() * kInputPrice + trace.output_tokens() * kOutputPrice) / 1e6,
                  1e-9);
      EXPECT_FALSE(trace.tokens_estimated());
    }
  }
}

// A server bills what it wrote, whether it can be used or not.
TEST_F(CleanRunTest, UnusableRepliesAndRepeatsArePaidAndTold) {
  server_.Start({"--fault", "null-content=0.1", "--fault", "tool-calls=0.1", "--fault", "refusal=0.05", "--fault",
                 "content-filter=0.05", "--fault", "length=0.1", "--fault", "malformed=0.1", "--fault",
                 "wrong-schema=0.1", "--fault", "500=0.1", "--fault", "429=0.1"});
  WriteSpec();
  WriteCorpus(kCleanDocuments);
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 3) << said.err;
  ExpectPaid(Reported(Output()), server_.Calls());
}

}  // namespace
}  // namespace quern::testing
