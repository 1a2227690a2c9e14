// Models that are asked in batches: the records are those of calls made one by one, and no call is paid twice,
// whatever happens to the process or to a batch.
#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

using ::testing::HasSubstr;

class BatchRunTest : public ModelsTest {
 protected:
  static constexpr char kBatch[] = "    batch: {max_calls: 100, max_wait: 300ms, poll_interval: 200ms}\n";

  void Prepare(uint64_t documents, const std::vector<std::string>& flags) {
    documents_ = documents;
    WriteCorpus(documents);
    server_.Start(flags);
    ModelJob job;
    job.model = kBatch;
    job.max_retries = 10;
    WriteSpec(job);
  }

  // Runs to the end; then every call that was necessary has been made once, in a batch, and is paid and told.
  void FinishAndExpectNothingPaidTwice() {
    const Said said = Run(Output());
    ASSERT_EQ(said.code, 0) << said.err;
    ExpectComplete(Output(), documents_);
    const std::vector<WitnessedCall> calls = server_.Calls();
    EXPECT_EQ(CallsByStage(calls), NeededCalls(Output(), documents_));
    for (const WitnessedCall& call : calls) EXPECT_TRUE(call.in_batch);
  }

  // The ids of the records that calls one by one make.
  std::set<std::string> PlainIds() {
    ModelServer calm(folder_ / "plain.jsonl");
    calm.Start();
    const std::string spec = dataset::TemporaryFolder::Read(folder_ / "job.yaml");
    const std::string plain = folder_.Write(
        "plain.yaml", absl::StrReplaceAll(spec, {{server_.base_url(), calm.base_url()}, {std::string(kBatch), ""}}));
    const Said said = Quern({"run", folder_ / "corpus.jsonl", "--output", Output("plain"), "--spec", plain});
    EXPECT_EQ(said.code, 0) << said.err;
    for (const WitnessedCall& call : calm.Calls()) EXPECT_FALSE(call.in_batch);
    return RecordIds(Output("plain"));
  }

  uint64_t documents_ = 0;
};

TEST_F(BatchRunTest, GivesTheRecordsOfCallsOneByOne) {
  Prepare(200, {"--batch-time", "500ms"});
  FinishAndExpectNothingPaidTwice();
  EXPECT_EQ(RecordIds(Output()), PlainIds());
  const v1::ModelUsage reported = Reported(Output());
  EXPECT_EQ(reported.calls(), server_.Calls().size());
  EXPECT_EQ(reported.retries(), 0);
  ExpectPaid(reported, server_.Calls());
}

TEST_F(BatchRunTest, KilledInTheMiddleOfBatchesItPaysNoCallTwice) {
  Prepare(200, {"--batch-time", "2s"});
  for (int kill = 0; kill < 2; ++kill) {
    std::optional<int> code;
    ASSERT_TRUE(Interrupt(Output(), SIGKILL, 100, &code));
    EXPECT_EQ(code, 128 + SIGKILL);
  }
  FinishAndExpectNothingPaidTwice();
  EXPECT_EQ(RecordIds(Output()), PlainIds());
}

TEST_F(BatchRunTest, ABatchWhoseCreationWasNotAnsweredIsFoundAndNotMadeAgain) {
  Prepare(60, {"--batch-time", "500ms", "--batch-fault", "creation-lost=2", "--batch-fault", "upload-500=1"});
  FinishAndExpectNothingPaidTwice();
  ExpectPaid(Reported(Output()), server_.Calls());
}

// Between the creation of a batch and its answer nothing but the provider knows that it exists.
TEST_F(BatchRunTest, KilledBeforeACreationWasAnsweredItFindsTheBatch) {
  Prepare(60, {"--batch-time", "500ms", "--batch-fault", "creation-lost=1000"});
  std::optional<int> code;
  ASSERT_TRUE(Interrupt(Output(), SIGKILL, 1, &code));
  FinishAndExpectNothingPaidTwice();
}

TEST_F(BatchRunTest, OfAnExpiredBatchTheRestIsAskedAgain) {
  Prepare(60, {"--batch-time", "500ms", "--batch-fault", "expired-half=1"});
  FinishAndExpectNothingPaidTwice();
  EXPECT_GE(Reported(Output()).retries(), 20);
  ExpectPaid(Reported(Output()), server_.Calls());
}

TEST_F(BatchRunTest, ABatchThatHasNoRoomIsSentAgain) {
  Prepare(30, {"--batch-time", "500ms", "--batch-fault", "token-limit=2"});
  FinishAndExpectNothingPaidTwice();
}

TEST_F(BatchRunTest, ABatchThatCannotBeWorkedOnPausesTheJob) {
  Prepare(30, {"--batch-fault", "invalid=1"});
  const Said paused = Run(Output());
  EXPECT_EQ(paused.code, 5) << paused.err;
  EXPECT_THAT(paused.err, HasSubstr("BATCH_FAILED"));
  EXPECT_THAT(paused.err, HasSubstr("This line is not parseable"));
  EXPECT_TRUE(server_.Calls().empty());
  FinishAndExpectNothingPaidTwice();
}

TEST_F(BatchRunTest, FaultsWithinABatchAreThoseOfCalls) {
  Prepare(60, {"--batch-time", "300ms", "--fault", "429=0.1", "--fault", "500=0.1", "--fault", "malformed=0.1",
               "--fault", "length=0.05"});
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), documents_);
  EXPECT_EQ(RecordIds(Output()), PlainIds());
  ExpectPaid(Reported(Output()), server_.Calls());
}

TEST_F(BatchRunTest, AStopDoesNotWaitForABatchAndTheNextRunTakesIt) {
  Prepare(30, {"--batch-time", "8s"});
  const auto process = Begin(Output());
  ASSERT_TRUE(WaitUntil(*process, [&] { return server_.Calls().size() >= 20; })) << process->Stderr();
  const absl::Time told = absl::Now();
  process->Signal(SIGTERM);
  EXPECT_EQ(process->Wait(absl::Seconds(60)), 143) << process->Stderr();
  EXPECT_LT(absl::Now() - told, absl::Seconds(6));
  // Its batches are lost to a server that starts anew, so this one goes on.
  FinishAndExpectNothingPaidTwice();
  ExpectPaid(Reported(Output()), server_.Calls());
}

}  // namespace
}  // namespace quern::testing
