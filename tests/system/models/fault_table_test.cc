#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A fault that every request meets, and what becomes of the documents.
struct FaultCase {
  std::string fault;
  std::string reason;
  // Calls of each document until it is given up, with two attempts and no retries of the call.
  uint64_t calls = 0;
};

std::ostream& operator<<(std::ostream& out, const FaultCase& fault) { return out << fault.fault; }

std::string CaseName(const ::testing::TestParamInfo<FaultCase>& info) {
  return absl::StrReplaceAll(info.param.fault, {{"-", "_"}});
}

// Servers that a person must put right.
class PausingFaultTest : public ModelsTest, public ::testing::WithParamInterface<FaultCase> {
 protected:
  static constexpr uint64_t kDocuments = 20;

  // A run pauses, saying `reason` and `words`, after at most `most` calls and without a dead letter; the same command
  // finishes it once the server is mended. The calls before that.
  uint64_t ExpectPauseThatCostsNothing(const std::string& words, uint64_t most) {
    server_.Start({"--fault", GetParam().fault + "=1"});
    ModelJob job;
    job.max_concurrency = 2;
    WriteSpec(job);
    WriteCorpus(kDocuments);
    const Said paused = Run(Output());
    EXPECT_EQ(paused.code, 5) << paused.err;
    EXPECT_THAT(paused.err, HasSubstr("paused (filter: " + GetParam().reason + ": "));
    EXPECT_THAT(paused.err, HasSubstr(words));
    EXPECT_THAT(paused.err, HasSubstr("the same command resumes"));
    const uint64_t before = server_.Calls().size();
    EXPECT_GE(before, 1);
    EXPECT_LE(before, most);

    server_.Restart();
    const Said said = Run(Output());
    EXPECT_EQ(said.code, 0) << said.err;
    ExpectComplete(Output(), kDocuments);
    return before;
  }
};

TEST_P(PausingFaultTest, PausesTheJobAndTheSameCommandFinishesItOnceMended) {
  // At most five calls are started after the first refusal.
  const uint64_t before = ExpectPauseThatCostsNothing("", 1 + 5);
  EXPECT_EQ(server_.Calls().size() - before, Sum(NeededCalls(Output(), kDocuments)));
}

INSTANTIATE_TEST_SUITE_P(Faults, PausingFaultTest,
                         ::testing::Values(FaultCase{"quota", "QUOTA_EXHAUSTED"}, FaultCase{"401", "KEY_REFUSED"},
                                           FaultCase{"402", "QUOTA_EXHAUSTED"}, FaultCase{"403", "NO_PERMISSION"},
                                           FaultCase{"404", "MODEL_NOT_FOUND"}, FaultCase{"redirect", "REDIRECTED"},
                                           FaultCase{"429-long", "RATE_LIMITED"}),
                         CaseName);

class StubbornFaultTest : public PausingFaultTest {};

// One document may be the cause of one such reply, never of all.
TEST_P(StubbornFaultTest, PausesTheJobBeforeItCostsADocument) {
  ExpectPauseThatCostsNothing("the last 10 calls or more ended so", 10 + 5);
}

INSTANTIATE_TEST_SUITE_P(Faults, StubbornFaultTest,
                         ::testing::Values(FaultCase{"400", "BAD_REQUEST"}, FaultCase{"422", "BAD_REQUEST"},
                                           FaultCase{"html", "NOT_A_COMPLETION"}),
                         CaseName);

class CorrectedSpecTest : public ModelsTest {
 protected:
  // Replaces words of the spec.
  void Change(const std::string& from, const std::string& to) {
    const std::string spec = dataset::TemporaryFolder::Read(folder_ / "job.yaml");
    ASSERT_THAT(spec, HasSubstr(from));
    folder_.Write("job.yaml", absl::StrReplaceAll(spec, {{from, to}}));
  }
};

TEST_F(CorrectedSpecTest, ARunThatPausedGoesOnWithTheRightServer) {
  constexpr uint64_t kDocuments = 20;
  server_.Start();
  WriteSpec();
  WriteCorpus(kDocuments);
  Change("/v1\"", "/v2\"");
  const Said paused = Run(Output());
  EXPECT_EQ(paused.code, 5) << paused.err;
  EXPECT_THAT(paused.err, HasSubstr("MODEL_NOT_FOUND"));
  const Said inspected = Quern({"inspect", Output()});
  EXPECT_THAT(inspected.out, AllOf(HasSubstr("paused"), HasSubstr("MODEL_NOT_FOUND"), HasSubstr("20 accepted")));
  const auto summary = Inspect(Output());
  EXPECT_EQ(summary["state"], "paused");
  EXPECT_EQ(summary["documents"]["accepted"], kDocuments);
  EXPECT_THAT(summary["state_reason"].get<std::string>(), HasSubstr("MODEL_NOT_FOUND"));

  Change("/v2\"", "/v1\"");
  Change("max_concurrency: 16", "max_concurrency: 3\n    headers: {X-Title: quern}");
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kDocuments);
}

// Its workers began before it had the spec that they were begun with.
TEST_F(CorrectedSpecTest, ARunThatGoesOnAsksTheOldServerNothing) {
  constexpr uint64_t kDocuments = 30;
  server_.Start({"--latency", "200ms"});
  WriteSpec();
  WriteCorpus(kDocuments);
  std::optional<int> code;
  ASSERT_TRUE(Interrupt(Output(), SIGKILL, 20, &code));
  const size_t asked = server_.Calls().size();
  ModelServer other(folder_ / "other.jsonl");
  other.Start();
  Change(server_.base_url(), other.base_url());
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kDocuments);
  EXPECT_EQ(server_.Calls().size(), asked);
}

TEST_F(CorrectedSpecTest, DeadLettersGoOnOnceTheirCauseIsMended) {
  constexpr uint64_t kDocuments = 5;
  server_.Start({"--context-tokens", "100"});
  WriteSpec();
  WriteCorpus(kDocuments);
  const Said dead = Run(Output());
  EXPECT_EQ(dead.code, 3) << dead.err;
  EXPECT_THAT(dead.err, HasSubstr("--redrive"));
  server_.Restart();
  EXPECT_EQ(Run(Output()).code, 3) << "not without being told to";

  std::vector<std::string> words = Words(Output());
  words.insert(words.end(), {"--redrive"});
  const Said redriven = Quern(words);
  ASSERT_EQ(redriven.code, 0) << redriven.err;
  EXPECT_THAT(redriven.err, HasSubstr("5 dead letters sent on the way again"));
  ExpectComplete(Output(), kDocuments);
  EXPECT_EQ(RecordIds(Output()), ReferenceIds());
  const Said again = Run(Output());
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("complete already"));
}

TEST_F(CorrectedSpecTest, ARunIsNotMixedOfTwoModels) {
  server_.Start({"--fault", "401=1"});
  WriteSpec();
  WriteCorpus(3);
  EXPECT_EQ(Run(Output()).code, 5);
  Change("model: simulated", "model: another");
  const Said other = Run(Output());
  EXPECT_NE(other.code, 0);
  EXPECT_THAT(other.err, HasSubstr("another spec (models[0].model)"));
}

class DeadlyFaultTest : public ModelsTest, public ::testing::WithParamInterface<FaultCase> {
 protected:
  // Every document dies at the filter with `reason`, after `calls` calls. The letters.
  std::vector<v1::DeadLetterRow> ExpectDead(const std::vector<std::string>& flags, const std::string& reason,
                                            uint64_t calls) {
    constexpr uint64_t kDocuments = 3;
    server_.Start(flags);
    ModelJob job;
    job.max_retries = 0;
    job.max_attempts = 2;
    job.model = absl::StrFormat("    timeout: %s\n", reason == "TIMED_OUT" ? "1s" : "60s");
    WriteSpec(job);
    WriteCorpus(kDocuments);
    const Said said = Run(Output());
    EXPECT_EQ(said.code, 3) << said.err;
    EXPECT_EQ(Inspect(Output())["reconciles"], true);
    EXPECT_EQ(server_.Calls().size(), kDocuments * calls);
    EXPECT_THAT(RecordIds(Output()), IsEmpty());
    auto letters = Rows<v1::DeadLetterRow>(Output(), dataset::RowKind::kDeadLetters);
    EXPECT_EQ(letters.size(), kDocuments);
    for (const v1::DeadLetterRow& letter : letters) {
      EXPECT_EQ(letter.stage(), v1::STAGE_NAME_FILTER);
      EXPECT_EQ(letter.reason(), reason) << letter.message();
      EXPECT_FALSE(letter.message().empty());
      EXPECT_TRUE(letter.redrivable());
      EXPECT_EQ(letter.reply().task(), "filter");
      EXPECT_EQ(letter.reply().model(), "small");
    }
    return letters;
  }
};

TEST_P(DeadlyFaultTest, MakesDeadLettersThatNameIt) {
  ExpectDead({"--fault", GetParam().fault + "=1"}, GetParam().reason, GetParam().calls);
}

// No other try would end better.
INSTANTIATE_TEST_SUITE_P(AtOnce, DeadlyFaultTest,
                         ::testing::Values(FaultCase{"content-filter", "CONTENT_FILTERED", 1},
                                           FaultCase{"refusal", "MODEL_REFUSED", 1}),
                         CaseName);

// Once for each attempt.
INSTANTIATE_TEST_SUITE_P(
    AfterAttempts, DeadlyFaultTest,
    ::testing::Values(FaultCase{"400", "BAD_REQUEST", 2}, FaultCase{"500", "HTTP_500", 2},
                      FaultCase{"502", "HTTP_502", 2}, FaultCase{"504", "HTTP_504", 2},
                      FaultCase{"empty", "EMPTY_REPLY", 2}, FaultCase{"html", "NOT_A_COMPLETION", 2},
                      FaultCase{"error-object", "HTTP_500", 2}, FaultCase{"no-choices", "NO_CHOICES", 2},
                      FaultCase{"null-content", "NULL_CONTENT", 2}, FaultCase{"tool-calls", "UNASKED_TOOL_CALL", 2},
                      FaultCase{"bad-utf8", "REPLY_NOT_UTF8", 2}, FaultCase{"too-large", "REPLY_TOO_LARGE", 2},
                      FaultCase{"reset", "CONNECTION_LOST", 2}, FaultCase{"close", "CONNECTION_LOST", 2},
                      FaultCase{"hang", "TIMED_OUT", 2}),
    CaseName);

TEST_F(DeadlyFaultTest, AContextThatIsTooLongIsNotTriedAgain) {
  ExpectDead({"--context-tokens", "100"}, "CONTEXT_TOO_LONG", 1);
}

TEST_F(DeadlyFaultTest, ACutReplyIsAskedForOnceMoreWithMoreTokensInEachAttempt) {
  for (const auto& letter : ExpectDead({"--fault", "length=1"}, "TRUNCATED", 4)) {
    EXPECT_EQ(letter.reply().finish_reason(), "length");
    EXPECT_FALSE(letter.reply().text().empty());
  }
}

TEST_F(DeadlyFaultTest, AMalformedReplyIsReAskedOnceInEachAttemptAndKept) {
  for (const auto& letter : ExpectDead({"--fault", "malformed=1"}, "MALFORMED_REPLY", 4)) {
    EXPECT_THAT(letter.reply().text(), HasSubstr("{"));
    EXPECT_EQ(letter.reply().model(), "small");
    EXPECT_FALSE(letter.reply().prompt_hash().empty());
  }
}

TEST_F(DeadlyFaultTest, AReplyOfAnotherShapeIsReAskedOnceInEachAttemptAndKept) {
  for (const auto& letter : ExpectDead({"--fault", "wrong-schema=1"}, "SCHEMA_MISMATCH", 4)) {
    EXPECT_FALSE(nlohmann::json::parse(letter.reply().text(), nullptr, false).is_discarded());
  }
}

// Replies that look odd and are good, and servers that ask for patience.
class HarmlessFaultTest : public ModelsTest, public ::testing::WithParamInterface<FaultCase> {};

TEST_P(HarmlessFaultTest, CostsNoDocument) {
  constexpr uint64_t kDocuments = 10;
  server_.Start({"--fault", GetParam().fault + "=" + GetParam().reason});
  ModelJob job;
  job.max_attempts = 1;
  job.max_retries = 0;
  WriteSpec(job);
  WriteCorpus(kDocuments);
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kDocuments);
  uint64_t good = 0;
  for (const WitnessedCall& call : server_.Calls()) good += call.status == 200 ? 1 : 0;
  EXPECT_EQ(good, Sum(NeededCalls(Output(), kDocuments)));
  for (const auto& record : Rows<v1::RecordRow>(Output(), dataset::RowKind::kRecords)) {
    EXPECT_THAT(record.question() + record.answer(), Not(HasSubstr("```")));
    EXPECT_THAT(record.question() + record.answer(), Not(HasSubstr("think")));
    for (const auto& trace : record.provenance().stages()) {
      EXPECT_EQ(trace.tokens_estimated(), GetParam().fault == "no-usage");
      EXPECT_GT(trace.input_tokens(), 0);
    }
  }
}

// The second word is the rate.
INSTANTIATE_TEST_SUITE_P(Faults, HarmlessFaultTest,
                         ::testing::Values(FaultCase{"fenced", "1"}, FaultCase{"think", "1"},
                                           FaultCase{"reasoning", "1"}, FaultCase{"no-usage", "1"},
                                           FaultCase{"other-model", "1"}, FaultCase{"absurd-rate-headers", "1"},
                                           FaultCase{"429", "0.3"}, FaultCase{"503", "0.3"}, FaultCase{"529", "0.3"},
                                           FaultCase{"429-retry-after-2", "0.05"}),
                         CaseName);

}  // namespace
}  // namespace quern::testing
