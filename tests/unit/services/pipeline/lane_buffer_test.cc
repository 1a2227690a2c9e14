#include "services/pipeline/lane_buffer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"

namespace quern::pipeline {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

// `items` results for each of `documents` documents with `bytes` of text.
std::vector<queue::Result> Results(int documents, int items, size_t bytes) {
  std::vector<queue::Result> results;
  for (int d = 0; d < documents; ++d) {
    const auto document = std::make_shared<v1::Document>();
    document->set_text(std::string(bytes, 'x'));
    for (int i = 0; i < items; ++i) {
      queue::Result result;
      result.id = absl::StrFormat("%d-%d", d + 1, i);
      result.terminal.mutable_item()->set_document_id(absl::StrFormat("d%d", d));
      result.document = document;
      results.push_back(std::move(result));
    }
  }
  return results;
}

void Add(absl::Time now, const std::vector<queue::Result>& results, LaneBuffer* buffer) {
  for (const queue::Result& result : results) buffer->Add(RowContext(), now, result);
}

TEST(LaneBufferTest, LimitsAreHalfOfALanesShare) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_lanes(4);
  spec.mutable_queue()->set_max_documents_held(800);
  spec.mutable_queue()->set_max_bytes_held(8000);
  spec.mutable_output()->set_max_shard_bytes(77);
  spec.mutable_output()->mutable_max_shard_age()->set_seconds(3);
  const CommitLimits limits = LimitsOf(spec);
  EXPECT_EQ(limits.documents, 100u);
  EXPECT_EQ(limits.document_bytes, 1000u);
  EXPECT_EQ(limits.row_bytes, 77u);
  EXPECT_EQ(limits.age, absl::Seconds(3));
}

// A limit of zero would commit nothing, ever.
TEST(LaneBufferTest, SmallestJobsStillCommit) {
  v1::JobSpec spec;
  spec.mutable_queue()->set_lanes(64);
  spec.mutable_queue()->set_max_documents_held(1);
  LaneBuffer buffer;
  Add(kStart, Results(1, 1, 10), &buffer);
  EXPECT_TRUE(buffer.Due(LimitsOf(spec), kStart));
}

TEST(LaneBufferTest, CountsADocumentOnceHoweverManyItemsItHas) {
  const CommitLimits limits{.documents = 3, .document_bytes = 1 << 30, .row_bytes = 1 << 30, .age = absl::Seconds(10)};
  LaneBuffer buffer;
  Add(kStart, Results(2, 8, 10), &buffer);
  EXPECT_FALSE(buffer.Full(limits));
  Add(kStart, Results(3, 1, 10), &buffer);
  EXPECT_TRUE(buffer.Full(limits));
}

TEST(LaneBufferTest, BytesOfDocumentsAndRowsCount) {
  LaneBuffer buffer;
  Add(kStart, Results(1, 3, 1000), &buffer);
  EXPECT_TRUE(buffer.Full({.documents = 99, .document_bytes = 1000, .row_bytes = 1 << 30}));
  EXPECT_FALSE(buffer.Full({.documents = 99, .document_bytes = 1001, .row_bytes = 1 << 30}));
  EXPECT_TRUE(buffer.Full({.documents = 99, .document_bytes = 1 << 30, .row_bytes = 3000}));
}

// Or ingest would wait for room that the sink holds until it is old enough.
TEST(LaneBufferTest, UnreadableDocumentsAreHeldToo) {
  const CommitLimits limits{.documents = 3, .document_bytes = 1 << 30, .row_bytes = 1 << 30, .age = absl::Seconds(10)};
  LaneBuffer buffer;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(buffer.Full(limits));
    queue::Result result;
    result.terminal.mutable_death()->set_unreadable(true);
    Add(kStart, {result}, &buffer);
  }
  EXPECT_TRUE(buffer.Full(limits));
}

TEST(LaneBufferTest, KeepsWhatACommitTells) {
  queue::Result record, rejected, dead, cancelled;
  record.id = "1-0";
  cancelled.id = "4-0";
  record.terminal.mutable_item()->set_accepted_ms(1000);
  rejected.terminal.mutable_item()->set_accepted_ms(2000);
  rejected.terminal.mutable_rejection();
  dead.terminal.mutable_item()->set_document_id("d");
  dead.terminal.mutable_death()->set_reason("POISON");
  dead.terminal.mutable_death()->set_attempts(5);
  cancelled.terminal.mutable_item()->set_accepted_ms(3000);
  cancelled.terminal.set_cancelled(true);
  LaneBuffer buffer;
  Add(kStart, {record, rejected, dead, cancelled}, &buffer);
  EXPECT_EQ(buffer.records(), 1u);
  EXPECT_EQ(buffer.tally().results, 4u);
  EXPECT_EQ(buffer.tally().first_id, "1-0");
  EXPECT_EQ(buffer.tally().last_id, "4-0");
  ASSERT_EQ(buffer.ends().size(), 2u) << "when the dead one was accepted is not known; the cancelled one has no end";
  EXPECT_EQ(buffer.ends()[0].how, service::JobMetrics::End::kRecord);
  EXPECT_EQ(buffer.ends()[0].accepted, absl::FromUnixSeconds(1));
  EXPECT_EQ(buffer.ends()[1].how, service::JobMetrics::End::kRejected);
  ASSERT_EQ(buffer.dead_letters().size(), 1u);
  EXPECT_EQ(buffer.dead_letters()[0].key, "d");
  EXPECT_EQ(buffer.dead_letters()[0].reason, "POISON");
  EXPECT_EQ(buffer.dead_letters()[0].attempts, 5u);
}

TEST(LaneBufferTest, AgeCountsFromTheFirstResult) {
  const CommitLimits limits{.age = absl::Seconds(10)};
  LaneBuffer buffer;
  EXPECT_FALSE(buffer.Due(limits, kStart + absl::Hours(1)));  // nothing to commit
  Add(kStart, Results(1, 1, 1), &buffer);
  Add(kStart + absl::Seconds(9), Results(1, 1, 1), &buffer);
  EXPECT_FALSE(buffer.Due(limits, kStart + absl::Milliseconds(9999)));
  EXPECT_TRUE(buffer.Due(limits, kStart + absl::Seconds(10)));
  buffer.Clear();
  EXPECT_EQ(buffer.tally().last_id, "");
  Add(kStart + absl::Seconds(30), Results(1, 1, 1), &buffer);
  EXPECT_FALSE(buffer.Due(limits, kStart + absl::Seconds(31)));
}

TEST(LaneBufferTest, ReadsFewerOfLargeResults) {
  LaneBuffer small;
  Add(kStart, Results(10, 1, 100), &small);
  EXPECT_EQ(small.ReadLimit(), 512u);
  LaneBuffer large;
  Add(kStart, Results(2, 1, 8 << 20), &large);
  EXPECT_EQ(large.ReadLimit(), 1u);
}

}  // namespace
}  // namespace quern::pipeline
