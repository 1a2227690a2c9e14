#include "services/pipeline/lane_buffer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

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
  buffer.Add(kStart, Results(1, 1, 10));
  EXPECT_TRUE(buffer.Due(LimitsOf(spec), kStart));
}

TEST(LaneBufferTest, CountsADocumentOnceHoweverManyItemsItHas) {
  const CommitLimits limits{.documents = 3, .document_bytes = 1 << 30, .row_bytes = 1 << 30, .age = absl::Seconds(10)};
  LaneBuffer buffer;
  buffer.Add(kStart, Results(2, 8, 10));
  EXPECT_FALSE(buffer.Full(limits));
  buffer.Add(kStart, Results(3, 1, 10));
  EXPECT_TRUE(buffer.Full(limits));
}

TEST(LaneBufferTest, BytesOfDocumentsAndRowsCount) {
  LaneBuffer buffer;
  buffer.Add(kStart, Results(1, 3, 1000));
  EXPECT_TRUE(buffer.Full({.documents = 99, .document_bytes = 1000, .row_bytes = 1 << 30}));
  EXPECT_FALSE(buffer.Full({.documents = 99, .document_bytes = 1001, .row_bytes = 1 << 30}));
  EXPECT_TRUE(buffer.Full({.documents = 99, .document_bytes = 1 << 30, .row_bytes = 3000}));
}

TEST(LaneBufferTest, AgeCountsFromTheFirstResult) {
  const CommitLimits limits{.age = absl::Seconds(10)};
  LaneBuffer buffer;
  EXPECT_FALSE(buffer.Due(limits, kStart + absl::Hours(1)));  // nothing to commit
  buffer.Add(kStart, Results(1, 1, 1));
  buffer.Add(kStart + absl::Seconds(9), Results(1, 1, 1));
  EXPECT_FALSE(buffer.Due(limits, kStart + absl::Milliseconds(9999)));
  EXPECT_TRUE(buffer.Due(limits, kStart + absl::Seconds(10)));
  buffer.Clear();
  EXPECT_EQ(buffer.last_id(), "");
  buffer.Add(kStart + absl::Seconds(30), Results(1, 1, 1));
  EXPECT_FALSE(buffer.Due(limits, kStart + absl::Seconds(31)));
}

TEST(LaneBufferTest, ReadsFewerOfLargeResults) {
  LaneBuffer small;
  small.Add(kStart, Results(10, 1, 100));
  EXPECT_EQ(small.ReadLimit(), 512u);
  LaneBuffer large;
  large.Add(kStart, Results(2, 1, 8 << 20));
  EXPECT_EQ(large.ReadLimit(), 1u);
}

}  // namespace
}  // namespace quern::pipeline
