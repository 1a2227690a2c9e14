// TraceDocument: what became of single documents, from the dataset and from what Redis holds.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/trace_context.h"
#include "services/pipeline/document_trace.h"
#include "tests/integration/services/pipeline/support/harness.h"

namespace quern::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kTracedBy[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";

class TraceTest : public ::testing::Test {
 protected:
  v1::PipelineService::Stub& stub() { return harness_.stub(); }

  grpc::Status Ask(const std::string& id, v1::TraceDocumentResponse* response) {
    grpc::ClientContext context;
    v1::TraceDocumentRequest request;
    request.set_name("jobs/job");
    request.set_id(id);
    return stub().TraceDocument(&context, request, response);
  }

  v1::TraceDocumentResponse Trace(const std::string& id) {
    v1::TraceDocumentResponse response;
    const grpc::Status status = Ask(id, &response);
    EXPECT_TRUE(status.ok()) << id << ": " << status.error_message();
    return response;
  }

  // "id outcome" of each item, with "*N" behind it after N redrives.
  std::vector<std::string> Outcomes(const std::string& id) {
    std::vector<std::string> outcomes;
    const v1::TraceDocumentResponse trace = Trace(id);
    for (const v1::TracedItem& item : trace.items()) {
      std::string outcome = item.id() + " " + item.outcome();
      if (item.generation() > 0) outcome += "*" + std::to_string(item.generation());
      outcomes.push_back(std::move(outcome));
    }
    return outcomes;
  }

  void Ingest(const std::vector<std::pair<std::string, std::string>>& id_and_text) {
    std::vector<v1::IngestEntry> entries;
    for (const auto& [id, text] : id_and_text) {
      v1::IngestEntry& entry = entries.emplace_back();
      entry.set_position(entries.size());
      entry.mutable_document()->set_id(id);
      entry.mutable_document()->set_text(text);
      entry.mutable_document()->set_source("corpus.jsonl");
      if (id == "traced") entry.mutable_document()->set_traceparent(kTracedBy);
      if (id == "mistraced") entry.mutable_document()->set_traceparent("00-nonsense");
    }
    IngestAll(stub(), "job", "corpus.jsonl", entries);
  }

  PipelineHarness harness_;
};

TEST_F(TraceTest, TellsRecordsRejectionsAndDeadLettersWithTheirReasons) {
  CreateJob(stub(), "job", SmallSpec());
  const FakeStages stages(harness_.redis().url());
  Ingest({{"good", "a good text"},
          {"bad", "reject this"},
          {"dead", "let it die"},
          {"part", "one half"},
          {"traced", "a traced text"},
          {"mistraced", "another text"},
          {"good#1", "its id looks like an item's"},
          {"quote\"\u00fc", "an id that is escaped"}});
  CloseInput(stub(), "job");
  WaitForState(stub(), "job", v1::JOB_STATE_COMPLETED);

  const v1::TraceDocumentResponse good = Trace("good");
  EXPECT_EQ(good.document_id(), "good");
  EXPECT_EQ(good.trace_id(), DerivedTraceId("job", "good"));
  EXPECT_EQ(good.source(), "corpus.jsonl");
  ASSERT_EQ(good.items_size(), 2);
  EXPECT_EQ(good.items(1).question(), "What is tested?");
  EXPECT_EQ(good.items(1).persona().description(), "a tester");
  EXPECT_TRUE(good.items(1).has_created_at());
  EXPECT_THAT(Outcomes("good"), ElementsAre("good#0 record", "good#1 record"));
  EXPECT_THAT(Outcomes("good#0"), ElementsAre("good#0 record")) << "the one that was asked for";
  EXPECT_THAT(Outcomes("good#1"), ElementsAre("good#1#0 record", "good#1#1 record")) << "a document's id wins";
  EXPECT_THAT(Outcomes("quote\"\u00fc"), ElementsAre("quote\"\u00fc#0 record", "quote\"\u00fc#1 record"));

  const v1::TraceDocumentResponse bad = Trace("bad");
  EXPECT_THAT(Outcomes("bad"), ElementsAre("bad rejected"));
  EXPECT_EQ(bad.items(0).stage(), v1::STAGE_NAME_FILTER);
  EXPECT_EQ(bad.items(0).reason(), "TEST_REJECTED");
  EXPECT_EQ(bad.trace_id(), DerivedTraceId("job", "bad"));
  EXPECT_THAT(Outcomes("part"), ElementsAre("part#0 record", "part#1 rejected"));
  EXPECT_EQ(Trace("part#1").items(0).stage(), v1::STAGE_NAME_VERIFIER);

  const v1::TraceDocumentResponse dead = Trace("dead");
  EXPECT_THAT(Outcomes("dead"), ElementsAre("dead dead"));
  EXPECT_EQ(dead.items(0).reason(), "TEST_DEATH");
  EXPECT_EQ(dead.items(0).message(), "the test says so");
  ASSERT_EQ(dead.items(0).failed_attempts_size(), 1);
  EXPECT_EQ(dead.items(0).failed_attempts(0).stage(), v1::STAGE_NAME_FILTER);

  EXPECT_EQ(Trace("traced").trace_id(), kTraceId);
  EXPECT_EQ(Trace("mistraced").trace_id(), DerivedTraceId("job", "mistraced")) << "as if it had brought none";

  v1::TraceDocumentResponse none;
  for (const char* id : {"nobody", "good#7", "goo", "good#01", "#0"}) {
    const grpc::Status unknown = Ask(id, &none);
    EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND) << id;
    EXPECT_EQ(ReasonOf(unknown), "NO_SUCH_DOCUMENT") << id;
  }
  EXPECT_EQ(Ask("", &none).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(TraceTest, ARedrivenLetterKeepsItsHistoryAndTheDatasetOutlivesTheJob) {
  CreateJob(stub(), "job", SmallSpec());
  const FakeStages stages(harness_.redis().url());
  Ingest({{"traced", "let it die"}});
  CloseInput(stub(), "job");
  WaitForState(stub(), "job", v1::JOB_STATE_COMPLETED);
  EXPECT_THAT(Outcomes("traced"), ElementsAre("traced dead"));
  {
    grpc::ClientContext context;
    v1::RedriveDeadLettersRequest request;
    request.set_name("jobs/job");
    v1::RedriveDeadLettersResponse response;
    ASSERT_TRUE(stub().RedriveDeadLetters(&context, request, &response).ok());
    ASSERT_EQ(response.redriven(), 1u);
  }
  WaitForJob(stub(), "job", [](const v1::Job& job) {
    return job.state() == v1::JOB_STATE_COMPLETED && job.counts().items().records() == 2;
  });
  EXPECT_THAT(Outcomes("traced"), ElementsAre("traced dead", "traced#0 record*1", "traced#1 record*1"));
  const v1::TraceDocumentResponse redriven = Trace("traced#1");
  EXPECT_EQ(redriven.trace_id(), kTraceId) << "it has the trace that it had";
  ASSERT_EQ(redriven.items(1).failed_attempts_size(), 1);
  EXPECT_EQ(redriven.items(1).failed_attempts(0).reason(), "TEST_DEATH");

  {
    grpc::ClientContext context;
    v1::DeleteJobRequest request;
    request.set_name("jobs/job");
    v1::DeleteJobResponse response;
    ASSERT_TRUE(stub().DeleteJob(&context, request, &response).ok());
  }
  EXPECT_THAT(Outcomes("traced#0"), ElementsAre("traced dead", "traced#0 record*1"));
  const auto from_files = TraceInDataset(harness_.dataset("job"), "traced");
  ASSERT_TRUE(from_files.ok()) << from_files.status();
  EXPECT_EQ(from_files->DebugString(), Trace("traced").DebugString());
}

TEST_F(TraceTest, ADocumentOfAPausedJobIsFoundInItsStage) {
  v1::JobSpec spec = SmallSpec();
  spec.mutable_queue()->set_lanes(2);
  CreateJob(stub(), "job", spec);
  {
    grpc::ClientContext context;
    v1::PauseJobRequest request;
    request.set_name("jobs/job");
    v1::Job job;
    ASSERT_TRUE(stub().PauseJob(&context, request, &job).ok());
  }
  std::vector<std::pair<std::string, std::string>> documents = {{"traced", "a text"}, {"other", "a text of its own"}};
  for (int i = 0; i < 2000; ++i) documents.emplace_back("d" + std::to_string(i), "text " + std::to_string(i));
  Ingest(documents);
  const v1::TraceDocumentResponse trace = Trace("traced");
  EXPECT_EQ(trace.trace_id(), kTraceId);
  EXPECT_EQ(trace.source(), "corpus.jsonl");
  ASSERT_EQ(trace.items_size(), 1);
  EXPECT_EQ(trace.items(0).id(), "traced");
  EXPECT_EQ(trace.items(0).outcome(), "in_flight");
  EXPECT_EQ(trace.items(0).stage(), v1::STAGE_NAME_FILTER);
  EXPECT_EQ(trace.items(0).worker(), "");
  EXPECT_FALSE(trace.items(0).has_created_at());
  EXPECT_EQ(Trace("other").trace_id(), DerivedTraceId("job", "other"));
  // The last of several pages.
  EXPECT_THAT(Outcomes("d1999"), ElementsAre("d1999 in_flight"));
  v1::TraceDocumentResponse none;
  EXPECT_EQ(ReasonOf(Ask("d2000", &none)), "NO_SUCH_DOCUMENT");
}

TEST_F(TraceTest, TellsWhoHoldsAnItemAndHowOftenItFailed) {
  CreateJob(stub(), "job", SmallSpec());
  absl::Mutex mutex;
  std::vector<queue::Delivery> held;
  queue::SuspectGate gate;
  queue::RedisOptions redis;
  redis.url = harness_.redis().url();
  queue::ConsumerOptions options;
  options.stage = v1::STAGE_NAME_FILTER;
  options.name = "holder";
  auto consumer = queue::Consumer::Start(redis, options, &gate, [&](auto, queue::Delivery delivery) {
    if (delivery.attempts() == 0) {
      v1::FailedAttempt attempt;
      attempt.set_calls(2);
      return std::move(delivery).Retry(absl::ZeroDuration(), "MALFORMED_REPLY", "no JSON", {}, attempt);
    }
    absl::MutexLock lock(&mutex);
    held.push_back(std::move(delivery));
  });
  ASSERT_TRUE(consumer.ok()) << consumer.status();
  Ingest({{"d", "a text"}});
  {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(
        +[](std::vector<queue::Delivery>* deliveries) { return !deliveries->empty(); }, &held));
  }
  const v1::TraceDocumentResponse trace = Trace("d");
  ASSERT_EQ(trace.items_size(), 1);
  EXPECT_EQ(trace.items(0).worker(), "holder");
  EXPECT_EQ(trace.items(0).attempts(), 1u);
  EXPECT_EQ(trace.items(0).deliveries(), 0u) << "the delivery under way is no crash";
  ASSERT_EQ(trace.items(0).failed_attempts_size(), 1);
  EXPECT_EQ(trace.items(0).failed_attempts(0).reason(), "MALFORMED_REPLY");
  EXPECT_EQ(trace.items(0).failed_attempts(0).calls(), 2u);
  absl::MutexLock lock(&mutex);
  held.clear();
}

TEST_F(TraceTest, WhatHasEndedAndIsNotWrittenYetIsInFlight) {
  v1::JobSpec spec;
  spec.mutable_output()->mutable_max_shard_age()->set_seconds(3600);
  CreateJob(stub(), "job", spec);
  const FakeStages stages(harness_.redis().url());
  // The input stays open: there is no reason to write early.
  Ingest({{"good", "a good text"}, {"bad", "reject this"}});
  WaitForJob(stub(), "job", [](const v1::Job& job) {
    uint64_t results = 0, others = 0;
    for (const v1::StageBacklog& backlog : job.counts().backlog()) {
      (backlog.stage() == v1::STAGE_NAME_UNSPECIFIED ? results : others) += backlog.entries();
    }
    return results == 3 && others == 0;
  });
  EXPECT_THAT(Outcomes("good"), ElementsAre("good#0 in_flight", "good#1 in_flight"));
  const v1::TraceDocumentResponse bad = Trace("bad");
  EXPECT_EQ(bad.items(0).reason(), "TEST_REJECTED");
  EXPECT_EQ(bad.items(0).stage(), v1::STAGE_NAME_FILTER);
  EXPECT_THAT(bad.items(0).message(), HasSubstr("waits to be written"));
}

TEST_F(TraceTest, InputThatCouldNotBeReadIsFoundByItsLine) {
  CreateJob(stub(), "job", SmallSpec());
  v1::IngestEntry entry;
  entry.set_position(1);
  entry.mutable_unreadable()->set_reason("INVALID_JSON");
  entry.mutable_unreadable()->set_message("byte 12 of the line");
  IngestAll(stub(), "job", "corpus.jsonl", {entry});
  CloseInput(stub(), "job");
  WaitForState(stub(), "job", v1::JOB_STATE_COMPLETED);
  const std::string id = *KeysOf(harness_.dataset("job"))["dead-letters"].begin();
  const v1::TraceDocumentResponse trace = Trace(id);
  ASSERT_EQ(trace.items_size(), 1);
  EXPECT_EQ(trace.items(0).reason(), "INVALID_JSON");
  EXPECT_EQ(trace.items(0).outcome(), "dead");
}

// Whether a document comes again is decided by its content.
TEST_F(TraceTest, AnotherTraceparentIsNoOtherDocument) {
  CreateJob(stub(), "job", SmallSpec());
  const FakeStages stages(harness_.redis().url());
  v1::IngestEntry entry;
  entry.set_position(1);
  entry.mutable_document()->set_id("d");
  entry.mutable_document()->set_text("a good text");
  IngestAll(stub(), "job", "first", {entry});
  entry.mutable_document()->set_traceparent(kTracedBy);
  IngestAll(stub(), "job", "second", {entry});
  CloseInput(stub(), "job");
  const v1::Job job = WaitForState(stub(), "job", v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(job.counts().documents().accepted(), 1u);
  EXPECT_EQ(job.counts().documents().duplicates(), 1u);
  EXPECT_EQ(job.counts().documents().dead(), 0u);
  EXPECT_EQ(Trace("d").trace_id(), DerivedTraceId("job", "d")) << "the first one's";
}

}  // namespace
}  // namespace quern::pipeline
