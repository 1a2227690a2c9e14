#include "tests/system/models/models_fixture.h"

namespace quern::testing {
namespace {

constexpr uint64_t kModelDocuments = 60;

class ModelInterruptionTest : public ModelsTest {
 protected:
  void SetUp() override { WriteCorpus(kModelDocuments); }
};

TEST_F(ModelInterruptionTest, ManyFaultsAtOnceChangeNoRecord) {
  server_.Start({"--fault", "429=0.2", "--fault", "500=0.2", "--fault", "malformed=0.1", "--fault", "fenced=0.1",
                 "--fault", "think=0.1", "--fault", "reset=0.02", "--fault", "no-usage=0.1"});
  ModelJob job;
  // Enough that nothing is given up.
  job.max_retries = 10;
  job.max_attempts = 10;
  WriteSpec(job);
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kModelDocuments);
  EXPECT_EQ(RecordIds(Output()), ReferenceIds());
}

TEST_F(ModelInterruptionTest, KilledAgainAndAgainItRepeatsOnlyWhatWasUnderWay) {
  constexpr uint32_t kSlots = 4;
  constexpr int kKills = 3;
  server_.Start({"--latency", "200ms", "--fault", "429=0.05", "--fault", "500=0.05"});
  ModelJob job;
  job.max_concurrency = kSlots;
  job.max_retries = 10;
  WriteSpec(job);
  for (int kill = 0; kill < kKills; ++kill) {
    std::optional<int> code;
    ASSERT_TRUE(Interrupt(Output(), SIGKILL, 30, &code));
    EXPECT_EQ(code, 128 + SIGKILL);
  }
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kModelDocuments);
  EXPECT_EQ(RecordIds(Output()), ReferenceIds());
  // What met a fault had to be sent again; of the others each was needed, or died with the process: of every slot the
  // call in flight, and what was answered in the last two seconds, which is how long Redis puts off writing its log
  // while the disk is busy with an earlier part of it (appendfsync everysec).
  uint64_t good = 0;
  for (const WitnessedCall& call : server_.Calls()) good += call.fault.empty() ? 1 : 0;
  const uint64_t needed = Sum(NeededCalls(Output(), kModelDocuments));
  EXPECT_GE(good, needed);
  constexpr uint32_t kCallsInTwoSeconds = 10;
  EXPECT_LE(good, needed + kKills * kSlots * (1 + kCallsInTwoSeconds));
}

TEST_F(ModelInterruptionTest, AStopBySigtermRepeatsNoCall) {
  server_.Start({"--latency", "500ms"});
  WriteSpec();
  std::optional<int> code;
  ASSERT_TRUE(Interrupt(Output(), SIGTERM, 20, &code));
  EXPECT_EQ(code, 143);
  const uint64_t before = server_.Calls().size();
  ExpectPaid(Reported(Output()), server_.Calls());
  const nlohmann::json stopped = Inspect(Output());
  EXPECT_EQ(stopped["state"], "running");
  EXPECT_EQ(stopped["documents"]["accepted"], kModelDocuments);
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kModelDocuments);
  EXPECT_GT(server_.Calls().size(), before);
  EXPECT_EQ(CallsByStage(server_.Calls()), NeededCalls(Output(), kModelDocuments));
  ExpectPaid(Reported(Output()), server_.Calls());
}

TEST_F(ModelInterruptionTest, AnAccountThatRunsDryInMidRunRepeatsNothingOncePaid) {
  constexpr uint32_t kSlots = 8;
  server_.Start({"--latency", "50ms", "--script", folder_.Write("script", "100-100000 quota\n")});
  ModelJob job;
  job.max_concurrency = kSlots;
  WriteSpec(job);
  const Said paused = Run(Output());
  EXPECT_EQ(paused.code, 5) << paused.err;
  EXPECT_THAT(paused.err, ::testing::HasSubstr("QUOTA_EXHAUSTED"));
  // Those in flight at the first refusal, and five that may start after it.
  EXPECT_LE(server_.Calls().size(), 99 + kSlots + 5);
  server_.Restart();
  const Said said = Run(Output());
  ASSERT_EQ(said.code, 0) << said.err;
  ExpectComplete(Output(), kModelDocuments);
  uint64_t paid = 0;
  for (const WitnessedCall& call : server_.Calls()) paid += call.fault.empty() ? 1 : 0;
  EXPECT_EQ(paid, Sum(NeededCalls(Output(), kModelDocuments)));
  ExpectPaid(Reported(Output()), server_.Calls());
}

TEST_F(ModelInterruptionTest, AServerThatIsGoneForAWhileCostsNothing) {
  server_.Start({"--latency", "100ms"});
  ModelJob job;
  job.max_concurrency = 4;
  WriteSpec(job);
  const auto process = Begin(Output());
  ASSERT_TRUE(WaitUntil(*process, [&] { return server_.Calls().size() >= 30; })) << process->Stderr();
  server_.Kill();
  // The outage itself, long enough for the breaker to open and to have looked in vain.
  const absl::Time back = absl::Now() + absl::Seconds(10);
  ASSERT_TRUE(WaitUntil(*process, [&] { return absl::Now() >= back; })) << process->Stderr();
  EXPECT_TRUE(
      WaitUntil(*process, [&] { return process->Stderr().find("no answer from 127.0.0.1:") != std::string::npos; }))
      << "people see why nothing goes on: " << process->Stderr();
  server_.Start();
  EXPECT_EQ(process->Wait(absl::Seconds(90)), 0) << process->Stderr();
  ExpectComplete(Output(), kModelDocuments);
  EXPECT_EQ(RecordIds(Output()), ReferenceIds());
}

}  // namespace
}  // namespace quern::testing
