#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/services/pipeline/support/harness.h"

namespace quern::pipeline {
namespace {

v1::IngestEntry Entry(uint64_t position, const std::string& id, const std::string& text) {
  v1::IngestEntry entry;
  entry.set_position(position);
  entry.mutable_document()->set_id(id);
  entry.mutable_document()->set_text(text);
  return entry;
}

TEST(IngestTest, TellsAcceptedAndDurablePositions) {
  PipelineHarness harness;
  CreateJob(harness.stub(), "j", SmallSpec());
  grpc::ClientContext context;
  auto stream = harness.stub().IngestDocuments(&context);
  v1::IngestDocumentsRequest request;
  request.set_job("jobs/j");
  request.set_source("s");
  ASSERT_TRUE(stream->Write(request));
  v1::IngestDocumentsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.accepted_position(), 0u);
  for (const v1::IngestEntry& entry : MakeEntries(30)) *request.add_entries() = entry;
  ASSERT_TRUE(stream->Write(request));
  // The client says nothing more; the durable position comes all the same.
  while (response.durable_position() < 30) {
    const uint64_t durable = response.durable_position();
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_GE(response.durable_position(), durable);
    EXPECT_GE(response.accepted_position(), response.durable_position());
  }
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(IngestTest, ResumesAfterACancelAtAnyOffsetToTheSameSet) {
  PipelineHarness harness;
  const auto entries = MakeEntries(200);
  for (const uint64_t offset : {1, 7, 64, 100, 199}) {
    const std::string job = "j" + std::to_string(offset);
    CreateJob(harness.stub(), job, SmallSpec());
    const IngestOutcome cut = IngestOnce(harness.stub(), job, "s", entries, 7, offset);
    EXPECT_EQ(cut.status.error_code(), grpc::StatusCode::CANCELLED);
    const IngestOutcome rest = IngestOnce(harness.stub(), job, "s", entries, 7);
    ASSERT_TRUE(rest.status.ok()) << rest.status.error_message();
    EXPECT_GE(rest.opened_at, offset);  // what was acknowledged stays
    const v1::Job after = WaitForJob(harness.stub(), job, [](const v1::Job&) { return true; });
    EXPECT_EQ(after.counts().documents().accepted(), 200u);
    EXPECT_EQ(after.counts().documents().duplicates(), 0u);
  }
}

TEST(IngestTest, TwoStreamsOnOneSourceDoubleNothing) {
  PipelineHarness harness;
  CreateJob(harness.stub(), "j", SmallSpec());
  const auto entries = MakeEntries(300);
  std::thread other([&] { IngestAll(harness.stub(), "j", "s", entries, 11); });
  IngestAll(harness.stub(), "j", "s", entries, 13);
  other.join();
  const v1::Job job = WaitForJob(harness.stub(), "j", [](const v1::Job&) { return true; });
  EXPECT_EQ(job.counts().documents().accepted(), 300u);
}

TEST(IngestTest, AFullJobHoldsTheClientBackAndSaysSo) {
  PipelineHarness harness;
  v1::JobSpec spec = SmallSpec();
  spec.mutable_queue()->set_max_documents_held(40);
  CreateJob(harness.stub(), "j", spec);
  // Nobody works: the job fills up.
  const auto entries = MakeEntries(500);
  grpc::ClientContext context;
  auto stream = harness.stub().IngestDocuments(&context);
  v1::IngestDocumentsRequest request;
  request.set_job("jobs/j");
  request.set_source("s");
  for (const v1::IngestEntry& entry : entries) *request.add_entries() = entry;
  ASSERT_TRUE(stream->Write(request));
  v1::IngestDocumentsResponse response;
  while (!response.waiting()) ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.accepted_position(), 40u);
  const v1::Job full = WaitForJob(harness.stub(), "j", [](const v1::Job&) { return true; });
  EXPECT_EQ(full.counts().documents_held(), 40u);
  // Now somebody does, and the rest goes in with no word from the client.
  FakeStages stages(harness.redis().url());
  while (response.accepted_position() < 500) ASSERT_TRUE(stream->Read(&response));
  stream->WritesDone();
  while (stream->Read(&response)) {
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_FALSE(response.waiting());
  CloseInput(harness.stub(), "j");
  WaitForState(harness.stub(), "j", v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(KeysOf(harness.dataset("j")), ExpectedKeys(500));
}

TEST(IngestTest, BadDocumentsAreDeadLettersWithTheirReason) {
  PipelineHarness harness;
  FakeStages stages(harness.redis().url());
  v1::JobSpec spec = SmallSpec();
  spec.mutable_input()->set_max_document_bytes(50);
  CreateJob(harness.stub(), "j", spec);
  v1::IngestEntry unreadable;
  unreadable.set_position(5);
  unreadable.mutable_unreadable()->set_reason("INVALID_JSON");
  v1::IngestEntry nothing;
  nothing.set_position(9);
  const std::vector<v1::IngestEntry> entries = {Entry(1, "ok", "good text"),
                                                Entry(2, "empty", ""),
                                                Entry(3, "a\nb", "good text 3"),
                                                Entry(4, "long", std::string(51, 'x')),
                                                unreadable,
                                                Entry(6, "", "good text without an id"),
                                                Entry(7, "ok", "good text"),
                                                Entry(8, "ok", "other good text"),
                                                nothing};
  IngestAll(harness.stub(), "j", "s", entries);
  CloseInput(harness.stub(), "j");
  const v1::Job job = WaitForState(harness.stub(), "j", v1::JOB_STATE_COMPLETED);
  std::map<std::string, uint64_t> dead;
  for (const v1::ReasonCount& reason : job.counts().dead_letters()) dead[reason.reason()] += reason.count();
  EXPECT_EQ(dead, (std::map<std::string, uint64_t>{{"EMPTY_TEXT", 1},
                                                   {"INVALID_ID", 1},
                                                   {"DOCUMENT_TOO_LARGE", 1},
                                                   {"INVALID_JSON", 1},
                                                   {"ID_CONFLICT", 1},
                                                   {"EMPTY_ENTRY", 1}}));
  EXPECT_EQ(job.counts().documents().accepted(), 8u);
  EXPECT_EQ(job.counts().documents().duplicates(), 1u);
  EXPECT_EQ(job.counts().documents().expanded(), 2u);
  EXPECT_TRUE(job.counts().reconciles());
}

TEST(IngestTest, RefusesIllFormedStreams) {
  PipelineHarness harness;
  CreateJob(harness.stub(), "j", SmallSpec());
  auto& stub = harness.stub();
  EXPECT_EQ(ReasonOf(IngestOnce(stub, "../x", "s", {}).status), "INVALID_JOB_NAME");
  EXPECT_EQ(ReasonOf(IngestOnce(stub, "unknown", "s", {}).status), "NO_SUCH_JOB");
  EXPECT_EQ(ReasonOf(IngestOnce(stub, "j", "", {}).status), "INVALID_SOURCE");
  EXPECT_EQ(ReasonOf(IngestOnce(stub, "j", std::string(513, 's'), {}).status), "INVALID_SOURCE");
  const grpc::Status shrinking = IngestOnce(stub, "j", "s", {Entry(2, "a", "x"), Entry(2, "b", "y")}).status;
  EXPECT_EQ(shrinking.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(shrinking), "POSITIONS_NOT_GROWING");
  grpc::ClientContext context;
  auto silent = stub.IngestDocuments(&context);
  silent->WritesDone();
  EXPECT_EQ(ReasonOf(silent->Finish()), "MISSING_FIRST_MESSAGE");
  const v1::Job job = WaitForJob(stub, "j", [](const v1::Job&) { return true; });
  EXPECT_EQ(job.counts().documents().accepted(), 0u);
  // A job that runs would end.
  grpc::ClientContext pausing;
  v1::PauseJobRequest pause;
  pause.set_name("jobs/j");
  v1::Job paused;
  ASSERT_TRUE(stub.PauseJob(&pausing, pause, &paused).ok());
  CloseInput(stub, "j");
  EXPECT_EQ(ReasonOf(IngestOnce(stub, "j", "s", MakeEntries(1)).status), "INPUT_CLOSED");
}

TEST(IngestTest, ADrainEndsOpenStreamsWithUnavailable) {
  PipelineHarness harness;
  CreateJob(harness.stub(), "j", SmallSpec());
  grpc::ClientContext context, watch_context;
  auto stream = harness.stub().IngestDocuments(&context);
  v1::IngestDocumentsRequest request;
  request.set_job("jobs/j");
  request.set_source("s");
  ASSERT_TRUE(stream->Write(request));
  v1::IngestDocumentsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  v1::WatchJobRequest watch_request;
  watch_request.set_name("jobs/j");
  auto watch = harness.stub().WatchJob(&watch_context, watch_request);
  v1::WatchJobResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  std::thread stop([&] { harness.Stop(); });
  while (stream->Read(&response)) {
  }
  const grpc::Status ended = stream->Finish();
  while (watch->Read(&seen)) {
  }
  const grpc::Status watch_ended = watch->Finish();
  stop.join();
  EXPECT_EQ(ended.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(ended), "DRAINING");
  EXPECT_EQ(watch_ended.error_code(), grpc::StatusCode::UNAVAILABLE);
}

// Redis is killed while documents flow in, with an append-only file that is fsynced each second: the client sees
// UNAVAILABLE, opens again, and everything is there once.
TEST(IngestTest, RedisKilledInMidIngestLosesAndDoublesNothing) {
  PipelineHarness harness(std::vector<std::string>{});
  CreateJob(harness.stub(), "j", SmallSpec());
  const auto entries = MakeEntries(3000);
  std::thread client([&] { IngestAll(harness.stub(), "j", "s", entries, 5); });
  for (int round = 0; round < 3; ++round) {
    WaitForJob(harness.stub(), "j", [&](const v1::Job& job) {
      return job.counts().documents().accepted() > static_cast<uint64_t>(round) * 300 + 50;
    });
    harness.redis().Kill();
    harness.redis().Start();
  }
  client.join();
  FakeStages stages(harness.redis().url());
  CloseInput(harness.stub(), "j");
  const v1::Job job = WaitForState(harness.stub(), "j", v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(job.counts().documents().accepted(), 3000u);
  EXPECT_TRUE(job.counts().reconciles());
  EXPECT_EQ(KeysOf(harness.dataset("j")), ExpectedKeys(3000));
}

}  // namespace
}  // namespace quern::pipeline
