// What is taken in, once.
#include "common/queue/ingest.h"

#include <gtest/gtest.h>

#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

class IngestTest : public JobFixture {
 protected:
  void CreateWithLanes(uint32_t lanes) {
    v1::JobSpec spec;
    spec.mutable_queue()->set_lanes(lanes);
    CreateJob(spec);
  }

  queue::Ingest::Result StoreOnce(queue::Ingest& ingest, const std::vector<v1::IngestEntry>& entries) {
    const auto stored = ingest.Store(entries);
    EXPECT_TRUE(stored.ok()) << stored.status().message();
    return stored.ok() ? *stored : queue::Ingest::Result();
  }
};

TEST_F(IngestTest, SendingAgainChangesNothing) {
  CreateWithLanes(3);
  for (int attempt = 0; attempt < 3; ++attempt) {
    queue::Ingest ingest(At(redis_.url()), "job", spec_, "corpus");
    EXPECT_EQ(StoreOnce(ingest, Documents(1, 100)).accepted_position, 100u);
  }
  queue::Ingest resumed(At(redis_.url()), "job", spec_, "corpus");
  EXPECT_EQ(*resumed.Position(), 100u);
  // An overlap: the client did not learn that the first half was stored.
  const auto result = StoreOnce(resumed, Documents(51, 100));
  EXPECT_EQ(result.accepted_position, 150u);
  EXPECT_EQ(result.duplicates, 0u);
  EXPECT_EQ(Job().counts().documents().accepted(), 150u);
  EXPECT_EQ(Job().counts().documents().duplicates(), 0u);
  EXPECT_EQ(Job().counts().backlog(0).entries(), 150u);
  EXPECT_GT(Job().counts().backlog(0).oldest_at().seconds(), absl::ToUnixSeconds(absl::Now()) - 60);
  EXPECT_FALSE(Job().counts().backlog(1).has_oldest_at());
}

TEST_F(IngestTest, DuplicatesAreCountedAndConflictsAreDeadUnderAnIdOfTheirOwn) {
  for (const bool detect : {true, false}) {
    SCOPED_TRACE(detect);
    ASSERT_TRUE(jobs_.Delete("job").ok());
    v1::JobSpec spec;
    spec.mutable_input()->set_detect_duplicates(detect);
    CreateJob(spec);
    std::vector<v1::IngestEntry> entries = Documents(1, 4);
    entries[1].mutable_document()->CopyFrom(entries[0].document());
    entries[2].mutable_document()->set_id("d1");
    entries[3].mutable_document()->CopyFrom(entries[2].document());
    queue::Ingest ingest(At(redis_.url()), "job", spec_, "corpus");
    const auto result = StoreOnce(ingest, entries);
    EXPECT_EQ(result.duplicates, 2u);
    EXPECT_EQ(result.conflicts, 1u);
    ASSERT_TRUE(jobs_.CloseInput("job").ok());
    Workers workers(redis_.url(), detect ? "w" : "w2", Advancing(1));
    MemorySink sink(At(redis_.url()), "job", 1, false);
    sink.RunUntilEnded(absl::Seconds(20));
    EXPECT_EQ(sink.Keys("record"), (std::set<std::string>{"d1#0"}));
    ASSERT_EQ(sink.DeadLetters().size(), 1u);
    const v1::DeadLetterRow letter = sink.DeadLetters()[0];
    EXPECT_EQ(letter.reason(), "ID_CONFLICT");
    EXPECT_EQ(letter.stage(), v1::STAGE_NAME_INGEST);
    EXPECT_TRUE(letter.document_id().starts_with("d1~"));
    EXPECT_EQ(letter.document_id().size(), 2u + 1 + 16);
    EXPECT_EQ(letter.document().text(), entries[2].document().text());
    const v1::Job job = Job();
    EXPECT_EQ(job.counts().documents().accepted(), 2u);
    EXPECT_EQ(job.counts().documents().duplicates(), 2u);
    EXPECT_EQ(job.counts().documents().dead(), 1u);
  }
}

TEST_F(IngestTest, AnIdIsRememberedAfterItsDocumentIsDone) {
  CreateJob();
  Store(Documents(1, 10));
  Workers workers(redis_.url(), "w", Advancing(1));
  MemorySink sink(At(redis_.url()), "job", 1, false);
  WaitUntil([&] { return sink.Step().ok() && sink.Rows().size() == 10; }, "all are done");
  queue::Ingest again(At(redis_.url()), "job", spec_, "another source");
  EXPECT_EQ(StoreOnce(again, Documents(1, 10)).duplicates, 10u);
  EXPECT_EQ(Job().counts().documents().accepted(), 10u);
}

TEST_F(IngestTest, AnUnreadableLineIsAcceptedAndDead) {
  CreateJob();
  std::vector<v1::IngestEntry> entries = Documents(1, 2);
  entries[1].mutable_unreadable()->set_reason("INVALID_JSON");
  entries[1].mutable_unreadable()->set_message("line 2, byte 7");
  Store(entries, "input.jsonl");
  Store(entries, "input.jsonl");
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  Workers workers(redis_.url(), "w", Advancing(1));
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(20));
  ASSERT_EQ(sink.DeadLetters().size(), 1u);
  EXPECT_TRUE(sink.DeadLetters()[0].document_id().starts_with("line:"));
  EXPECT_FALSE(sink.DeadLetters()[0].redrivable());
  EXPECT_EQ(Job().counts().documents().accepted(), 2u);
  EXPECT_EQ(Job().counts().documents().dead(), 1u);
  EXPECT_EQ(Job().counts().documents_held(), 0u);
}

TEST_F(IngestTest, AFullJobTakesAPrefixAndGoesOnAsItDrains) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_max_documents_held(40);
  CreateJob(spec);
  queue::Ingest ingest(At(redis_.url()), "job", spec_, "corpus");
  const auto result = StoreOnce(ingest, Documents(1, 100));
  EXPECT_TRUE(result.full);
  EXPECT_EQ(result.accepted_position, 40u);
  EXPECT_EQ(Job().counts().documents_held(), 40u);
  Workers workers(redis_.url(), "w", Advancing(1));
  MemorySink sink(At(redis_.url()), "job", 1, false);
  uint64_t position = 40;
  WaitUntil(
      [&] {
        EXPECT_TRUE(sink.Step().ok());
        if (position < 100) position = StoreOnce(ingest, Documents(position + 1, 100 - position)).accepted_position;
        EXPECT_LE(Job().counts().documents_held(), 40u);
        return sink.Rows().size() == 100;
      },
      "everything passes through the narrow place");
  EXPECT_EQ(sink.Keys("record").size(), 100u);
}

TEST_F(IngestTest, BytesHeldLimitsToo) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_max_bytes_held(500);
  CreateJob(spec);
  queue::Ingest ingest(At(redis_.url()), "job", spec_, "corpus");
  EXPECT_TRUE(StoreOnce(ingest, Documents(1, 100)).full);
  EXPECT_GE(Job().counts().bytes_held(), 500u);
  EXPECT_LT(Job().counts().bytes_held(), 700u);
}

TEST_F(IngestTest, EndedAndUnknownJobsTakeNothing) {
  CreateJob();
  queue::Ingest unknown(At(redis_.url()), "nobody", spec_, "corpus");
  EXPECT_TRUE(absl::IsNotFound(unknown.Store(Documents(1, 1)).status()));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  queue::Ingest closed(At(redis_.url()), "job", spec_, "corpus");
  EXPECT_TRUE(absl::IsFailedPrecondition(closed.Store(Documents(1, 1)).status()));
}

TEST_F(IngestTest, APositionThatRedisLostIsToldInsteadOfSkipped) {
  CreateJob();
  queue::Ingest ingest(At(redis_.url()), "job", spec_, "corpus");
  StoreOnce(ingest, Documents(1, 10));
  queue::Redis admin(At(redis_.url()));
  ASSERT_TRUE(admin.Command({"HSET", "quern:{job:0}:positions", "corpus", "5"}).ok());
  // Again and again, until the client has asked: it could not when Redis was away, and would leave a gap (seed 4 of
  // RedisCrashTest did).
  EXPECT_TRUE(absl::IsAborted(ingest.Store(Documents(11, 10)).status()));
  EXPECT_TRUE(absl::IsAborted(ingest.Store(Documents(11, 10)).status()));
  EXPECT_EQ(*ingest.Position(), 5u);
  EXPECT_EQ(StoreOnce(ingest, Documents(6, 15)).accepted_position, 20u);
}

}  // namespace
}  // namespace quern::testing
