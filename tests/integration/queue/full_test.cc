// A Redis whose memory is full: ingest waits, the line drains.
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"

namespace quern::testing {
namespace {

class FullTest : public JobFixture {
 protected:
  FullTest() : JobFixture({"--maxmemory", "12mb"}) {}
};

std::vector<v1::IngestEntry> RandomDocuments(uint64_t first, uint64_t count) {
  std::vector<v1::IngestEntry> entries = Documents(first, count);
  std::mt19937_64 random(first);
  for (auto& entry : entries) {
    for (int i = 0; i < 500; ++i) entry.mutable_document()->mutable_text()->append(absl::StrFormat("%016x", random()));
  }
  return entries;
}

TEST_F(FullTest, IngestIsRefusedAndEverythingInsideDrains) {
  CreateJob();
  queue::Ingest ingest(At(redis_.url()), "job", spec_, "corpus");
  uint64_t accepted = 0;
  absl::Status refused;
  while (refused.ok() && accepted < 20'000) {
    const auto stored = ingest.Store(RandomDocuments(accepted + 1, 20));
    refused = stored.status();
    if (stored.ok()) accepted = stored->accepted_position;
  }
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused.message();
  EXPECT_EQ(*ingest.Position(), accepted) << "a refused call changes nothing";
  EXPECT_EQ(Job().counts().documents().accepted(), accepted);
  ASSERT_GT(accepted, 100u);

  Workers workers(redis_.url(), "w", Advancing(2));
  ASSERT_TRUE(jobs_.CloseInput("job").ok()) << "closing, pausing and cancelling work when memory is full";
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(40));
  EXPECT_EQ(sink.Keys("record").size(), 2 * accepted);
  EXPECT_EQ(Job().counts().items().dead(), 0u);
  EXPECT_EQ(Job().counts().documents().dead(), 0u);
}

TEST_F(FullTest, AFullJobCanBePausedAndCancelled) {
  CreateJob();
  queue::Redis admin(At(redis_.url()));
  Store(Documents(1, 50));
  ASSERT_TRUE(admin.Command({"CONFIG", "SET", "maxmemory", "1mb"}).ok());
  ASSERT_TRUE(absl::IsResourceExhausted(admin.Command({"SET", "x", "y"}).status()));
  EXPECT_TRUE(jobs_.SetState("job", v1::JOB_STATE_CANCELLING, "").ok());
  Workers workers(redis_.url(), "w", Advancing(2));
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(30));
  EXPECT_EQ(sink.Keys("cancelled").size(), 50u);
}

}  // namespace
}  // namespace quern::testing
