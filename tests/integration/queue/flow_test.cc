// The whole line without faults: what goes in comes out, once, and the counts say so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "tests/integration/queue/support/memory_sink.h"
#include "tests/integration/queue/support/queue_harness.h"
#include "tests/support/redis_server.h"

namespace quern::testing {
namespace {

uint64_t NumberOf(const queue::Delivery& delivery) {
  return std::strtoull(delivery.item().document_id().c_str() + 1, nullptr, 10);
}

TEST(FlowTest, EveryDocumentEndsOnceAndTheCountsEqualTheDataset) {
  RedisServer redis;
  queue::JobStore jobs(At(redis.url()));
  v1::JobSpec spec;
  spec.mutable_queue()->set_lanes(3);
  ASSERT_TRUE(jobs.Create("flow", spec, "out/flow").ok());
  queue::Ingest ingest(At(redis.url()), "flow", spec, "corpus");
  const auto stored = ingest.Store(Documents(1, 300));
  ASSERT_TRUE(stored.ok()) << stored.status().message();
  EXPECT_EQ(stored->accepted_position, 300u);
  ASSERT_TRUE(jobs.CloseInput("flow").ok());

  // Every tenth document is rejected by the filter, every tenth but one dies at the verifier in its second item.
  Workers workers(redis.url(), "w", [](v1::StageName stage, queue::Delivery delivery) {
    const uint64_t number = NumberOf(delivery);
    EXPECT_EQ(delivery.document()->id(), delivery.item().document_id()) << "another's document";
    if (stage == v1::STAGE_NAME_FILTER && number % 10 == 0) {
      v1::Rejection rejection;
      rejection.set_stage(stage);
      rejection.set_reason("TOO_SHORT");
      v1::WorkItem item = delivery.item();
      std::move(delivery).Reject(rejection, item);
    } else if (stage == v1::STAGE_NAME_VERIFIER && number % 10 == 1 && delivery.item().ordinal() == 1) {
      std::move(delivery).Die("BROKEN", "it is broken");
    } else {
      v1::WorkItem item = delivery.item();
      item.set_domain("Math");
      std::vector<v1::WorkItem> outputs(stage == v1::STAGE_NAME_PERSONA ? 3 : 1, item);
      std::move(delivery).Advance(outputs);
    }
  });
  MemorySink sink(At(redis.url()), "flow", 3, false);
  sink.RunUntilEnded(absl::Seconds(30));

  const auto job = jobs.Get("flow");
  ASSERT_TRUE(job.ok());
  ExpectReconciles(*job);
  EXPECT_EQ(job->state(), v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(job->counts().documents().accepted(), 300u);
  EXPECT_EQ(job->counts().documents().expanded(), 270u);
  EXPECT_EQ(job->counts().documents().rejected(), 30u);
  EXPECT_EQ(job->counts().items().created(), 810u);
  EXPECT_EQ(job->counts().items().records(), 780u);
  EXPECT_EQ(job->counts().items().dead(), 30u);
  EXPECT_EQ(job->counts().documents_held(), 0u);
  EXPECT_EQ(job->counts().bytes_held(), 0u);
  ASSERT_EQ(job->counts().rejections_size(), 1);
  EXPECT_EQ(job->counts().rejections(0).reason(), "TOO_SHORT");
  EXPECT_EQ(job->counts().rejections(0).count(), 30u);
  ASSERT_EQ(job->counts().dead_letters_size(), 1);
  EXPECT_EQ(job->counts().dead_letters(0).stage(), v1::STAGE_NAME_VERIFIER);
  ASSERT_EQ(job->counts().domains_size(), 1);
  EXPECT_EQ(job->counts().domains(0).records(), 780u);
  EXPECT_EQ(sink.Keys("record").size(), 780u);
  EXPECT_EQ(sink.Keys("rejected").size(), 30u);
  EXPECT_EQ(sink.Keys("dead").size(), 30u);
  for (const auto& row : sink.Rows()) EXPECT_NE(row.result.document, nullptr) << row.key;
}

}  // namespace
}  // namespace quern::testing
