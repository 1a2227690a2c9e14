#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::StartsWith;

constexpr uint64_t kCleanDocuments = 60;

class CleanRunTest : public ModelsTest {
 protected:
  // What the run says at its end of all stages together.
  static v1::ModelUsage Reported(const std::string& output) {
    v1::ModelUsage sum;
    const auto json = nlohmann::json::parse(std::ifstream(output + "/run.json"), nullptr, false);
    for (const nlohmann::json& spent : json["ended"]["usage"]) {
      const nlohmann::json& usage = spent["usage"];
      // JSON of protos: 64-bit numbers are text, zeros are left out.
      const auto number = [&](const char* key) { return std::stoull(usage.value(key, std::string("0"))); };
      sum.set_calls(sum.calls() + number("calls"));
      sum.set_retries(sum.retries() + number("retries"));
      sum.set_ambiguous_calls(sum.ambiguous_calls() + number("ambiguous_calls"));
      sum.set_input_tokens(sum.input_tokens() + number("input_tokens"));
      sum.set_cached_tokens(sum.cached_tokens() + number("cached_tokens"));
      sum.set_output_tokens(sum.output_tokens() + number("output_tokens"));
      sum.set_cost(sum.cost() + usage.value("cost", 0.0));
    }
    return sum;
  }
};

TEST_F(CleanRunTest, AsksAsOftenAsNeededAndTellsWhatItSpent) {
  server_.Start({"--prefix-cache", "1000000"});
  WriteSpec();
  WriteCorpus(kCleanDocuments);
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kCleanDocuments);
  const std::vector<WitnessedCall> calls = server_.Calls();
  EXPECT_EQ(CallsByStage(calls), NeededCalls(Output(), kCleanDocuments));

  uint64_t input = 0, cached = 0, output = 0;
  for (const WitnessedCall& call : calls) {
    input += call.input_tokens;
    cached += call.cached_tokens;
    output += call.output_tokens;
  }
  EXPECT_GT(cached, 0);
  const v1::ModelUsage reported = Reported(Output());
  EXPECT_EQ(reported.calls(), calls.size());
  EXPECT_EQ(reported.retries(), 0);
  EXPECT_EQ(reported.ambiguous_calls(), 0);
  EXPECT_EQ(reported.input_tokens(), input);
  EXPECT_EQ(reported.cached_tokens(), cached);
  EXPECT_EQ(reported.output_tokens(), output);
  EXPECT_NEAR(reported.cost(), CostOf(calls), 1e-9);
  EXPECT_THAT(said.err, ::testing::HasSubstr(absl::StrFormat("%.4f USD in all", CostOf(calls))));
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

}  // namespace
}  // namespace quern::testing
