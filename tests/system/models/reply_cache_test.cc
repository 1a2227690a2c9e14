#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kCachedDocuments = 60;

// What records say, and not when and at what price they came to be.
std::map<std::string, std::string> RecordTexts(const std::string& dir) {
  std::map<std::string, std::string> texts;
  for (v1::RecordRow record : Rows<v1::RecordRow>(dir, dataset::RowKind::kRecords)) {
    v1::Provenance* provenance = record.mutable_provenance();
    provenance->clear_created_at();
    for (v1::StageTrace& trace : *provenance->mutable_stages()) {
      trace.clear_calls();
      trace.clear_input_tokens();
      trace.clear_cached_tokens();
      trace.clear_output_tokens();
      trace.clear_cost();
      trace.clear_reused_replies();
      trace.clear_started_ms();
      trace.clear_ended_ms();
    }
    texts[record.id()] = record.SerializeAsString();
  }
  return texts;
}

class ReplyCacheRunTest : public ModelsTest {
 protected:
  void SetUp() override { WriteCorpus(kCachedDocuments); }

  std::vector<std::string> CachedWords(const std::string& output) const {
    std::vector<std::string> words = Words(output);
    words.insert(words.end(), {"--reply-cache", folder_ / "replies"});
    return words;
  }
  std::unique_ptr<ChildProcess> BeginCached(const std::string& output) const {
    std::vector<std::string> words = CachedWords(output);
    words.insert(words.begin(), "quern");
    return std::make_unique<ChildProcess>(words, environment_);
  }
  Said RunCached(const std::string& output) const {
    const auto process = BeginCached(output);
    const std::optional<int> code = process->Wait(absl::Seconds(100));
    return {code, process->Stdout(), process->Stderr()};
  }
};

TEST_F(ReplyCacheRunTest, TheSameJobTwiceIsPaidOnce) {
  server_.Start();
  WriteSpec();
  ASSERT_EQ(RunCached(Output("first")).code, 0);
  const uint64_t needed = Sum(NeededCalls(Output("first"), kCachedDocuments));
  ASSERT_EQ(server_.Calls().size(), needed);
  server_.Kill();
  // Nobody could answer: the second run asks nothing at all.
  const Said said = RunCached(Output("second"));
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output("second"), kCachedDocuments);
  EXPECT_EQ(server_.Calls().size(), needed);
  EXPECT_TRUE(RecordTexts(Output("second")) == RecordTexts(Output("first"))) << "the records are the same";
  const v1::ModelUsage reported = Reported(Output("second"));
  EXPECT_EQ(reported.calls(), 0u);
  EXPECT_EQ(reported.input_tokens(), 0u);
  EXPECT_EQ(reported.cost(), 0);
  EXPECT_EQ(reported.reused_replies(), needed);
  EXPECT_THAT(said.err, HasSubstr("taken from the reply cache"));
  for (const auto& record : Rows<v1::RecordRow>(Output("second"), dataset::RowKind::kRecords)) {
    for (const v1::StageTrace& trace : record.provenance().stages()) {
      EXPECT_EQ(trace.calls(), 0u);
      EXPECT_EQ(trace.reused_replies(), 1u);
    }
  }
}

TEST_F(ReplyCacheRunTest, AChangedVerifierPromptPaysForTheVerifierAlone) {
  server_.Start();
  WriteSpec();
  ASSERT_EQ(RunCached(Output("first")).code, 0);
  const size_t before = server_.Calls().size();
  ModelJob job;
  job.spec =
      "verifier: {llm: {prompt: \"Judge strictly. Reply with reason, context, correct, leak.\\n\\nQuestion: "
      "{{question}}\\nAnswer: {{answer}}\\n\"}}\n";
  WriteSpec(job);
  const Said said = RunCached(Output("second"));
  ASSERT_EQ(said.code, 0) << said.err;
  const std::vector<WitnessedCall> all = server_.Calls();
  const std::vector<WitnessedCall> later(all.begin() + static_cast<int64_t>(before), all.end());
  const std::map<std::string, uint64_t> needed = NeededCalls(Output("second"), kCachedDocuments);
  EXPECT_EQ(CallsByStage(later), (std::map<std::string, uint64_t>{{"verifier", needed.at("verifier")}}));
  ExpectPaid(Reported(Output("second")), later);
}

TEST_F(ReplyCacheRunTest, AJobThatWantsFreshRepliesPaysAgain) {
  server_.Start();
  WriteSpec();
  ASSERT_EQ(RunCached(Output("first")).code, 0);
  const size_t once = server_.Calls().size();
  ModelJob job;
  job.spec = "reply_cache: false\n";
  WriteSpec(job);
  const Said said = RunCached(Output("second"));
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(server_.Calls().size(), 2 * once);
  EXPECT_THAT(said.err, HasSubstr("reply_cache: false"));
}

// Without the cache two seconds of calls may have to be made again, which is what Redis may put off writing; the cache
// holds all but the last tenth of a second.
TEST_F(ReplyCacheRunTest, KilledAgainAndAgainItRepeatsWhatWasUnderWay) {
  constexpr uint32_t kSlots = 4;
  constexpr int kKills = 3;
  server_.Start({"--latency", "100ms"});
  ModelJob job;
  job.max_concurrency = kSlots;
  WriteSpec(job);
  for (int kill = 0; kill < kKills; ++kill) {
    const size_t before = server_.Calls().size();
    const auto process = BeginCached(Output());
    ASSERT_TRUE(WaitUntil(*process, [&] { return server_.Calls().size() >= before + 30; })) << process->Stderr();
    process->Signal(SIGKILL);
    EXPECT_EQ(process->Wait(absl::Seconds(60)), 128 + SIGKILL);
  }
  const Said said = RunCached(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kCachedDocuments);
  EXPECT_EQ(RecordIds(Output()), ReferenceIds());
  const uint64_t needed = Sum(NeededCalls(Output(), kCachedDocuments));
  EXPECT_GE(server_.Calls().size(), needed);
  // Of every slot the call in flight, and those whose replies came in the 100 ms before a commit or during one.
  EXPECT_LE(server_.Calls().size(), needed + kKills * kSlots * 3);
}

TEST_F(ReplyCacheRunTest, TwoRunsAtOnceShareAFolder) {
  server_.Start({"--latency", "20ms"});
  WriteSpec();
  const auto one = BeginCached(Output("one"));
  const auto other = BeginCached(Output("other"));
  EXPECT_EQ(one->Wait(absl::Seconds(100)), 0) << one->Stderr();
  EXPECT_EQ(other->Wait(absl::Seconds(100)), 0) << other->Stderr();
  ExpectComplete(Output("one"), kCachedDocuments);
  ExpectComplete(Output("other"), kCachedDocuments);
  const uint64_t needed = Sum(NeededCalls(Output("one"), kCachedDocuments));
  // What they ask at the same moment is asked twice.
  EXPECT_LE(server_.Calls().size(), 2 * needed);
  const size_t before = server_.Calls().size();
  ASSERT_EQ(RunCached(Output("third")).code, 0);
  EXPECT_EQ(server_.Calls().size(), before) << "either's replies serve a third";
  EXPECT_EQ(RecordIds(Output("third")), RecordIds(Output("one")));
}

TEST_F(ReplyCacheRunTest, AFolderThatCannotBeUsedIsToldBeforeAnythingBegins) {
  server_.Start();
  WriteSpec();
  folder_.Write("replies/data.mdb", std::string(10'000, '#'));
  const Said said = RunCached(Output());
  EXPECT_EQ(said.code, 78);
  EXPECT_THAT(said.err, HasSubstr("--reply-cache: the reply cache " + (folder_ / "replies") + " cannot be used"));
  EXPECT_THAT(said.err, HasSubstr("remove data.mdb"));
  EXPECT_FALSE(std::filesystem::exists(Output()));
  EXPECT_TRUE(server_.Calls().empty());
}

TEST_F(ReplyCacheRunTest, ADocumentThatIsConvertedAgainIsNotPaidAgain) {
  server_.Start();
  WriteSpec();
  const std::vector<std::string> words = {"convert",       folder_ / "corpus.jsonl", "--spec", folder_ / "job.yaml",
                                          "--reply-cache", folder_ / "replies"};
  const Said first = Quern(words);
  ASSERT_EQ(first.code, 0) << first.err;
  const size_t paid = server_.Calls().size();
  EXPECT_GE(paid, 1u);
  const Said second = Quern(words);
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(second.out, first.out);
  EXPECT_EQ(server_.Calls().size(), paid);
}

TEST_F(ReplyCacheRunTest, AStagesProcessTakesItFromItsConfiguration) {
  folder_.Write("replies/data.mdb", std::string(10'000, '#'));
  const std::string file = folder_.Write("a-file", "");
  for (const char* program : {"quern-filter", "quern-persona", "quern-generator", "quern-verifier"}) {
    ChildProcess damaged({program, "--set", "reply_cache.path=" + (folder_ / "replies"), "--set",
                          "listen.grpc=127.0.0.1:0", "--set", "listen.metrics=off"});
    EXPECT_EQ(damaged.Wait(absl::Seconds(30)), 78) << program;
    EXPECT_THAT(damaged.Stderr(), HasSubstr("remove data.mdb")) << program;
  }
  ChildProcess no_folder({"quern-filter", "--validate-config", "--set", "reply_cache.path=" + file});
  EXPECT_EQ(no_folder.Wait(absl::Seconds(30)), 78);
  EXPECT_THAT(no_folder.Stderr(), HasSubstr("reply_cache.path: " + file + " is not a folder"));
}

}  // namespace
}  // namespace quern::testing
