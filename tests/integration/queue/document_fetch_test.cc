// When a document is fetched out of Redis, and when a process has it.
#include <gtest/gtest.h>

#include <atomic>

#include "common/queue/document_codec.h"
#include "common/queue/lane_reader.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/integration/queue/support/memory_sink.h"

namespace quern::testing {
namespace {

class DocumentFetchTest : public JobFixture {
 protected:
  void SetUp() override {
    // What other tests of this process have kept has the same names.
    queue::ForgetDocumentsUnusedSince(absl::InfiniteFuture());
    CreateJob();
  }

  queue::Entry EntryOf(uint32_t deliveries, uint64_t hash) const {
    queue::Entry entry;
    entry.lane = lane_;
    entry.item.set_document_id("d1");
    entry.deliveries = deliveries;
    entry.document_hash = hash;
    return entry;
  }

  std::shared_ptr<const v1::Document> Fetch(const queue::Entry& entry) {
    queue::RedisOptions options = At(redis_.url());
    options.observe = [this](std::string_view command, absl::Duration) { fetches_ += command == "HMGET"; };
    queue::Redis redis(options);
    const auto documents = queue::LaneReader(&redis, "w").Documents({&entry});
    EXPECT_TRUE(documents.ok()) << documents.status().message();
    return documents.ok() ? documents->at(0) : nullptr;
  }

  const std::shared_ptr<queue::Lane> lane_ =
      std::make_shared<queue::Lane>(std::make_shared<queue::RunningJob>("job", "1", std::make_shared<v1::JobSpec>()), 0,
                                    v1::STAGE_NAME_FILTER, std::make_shared<queue::ServerClock>());
  std::atomic<int> fetches_ = 0;
};

TEST_F(DocumentFetchTest, ADocumentIsFetchedOnceForAllStagesOfAProcessAndItsSink) {
  Store(Documents(1, 1));
  ASSERT_TRUE(jobs_.CloseInput("job").ok());
  queue::Redis admin(At(redis_.url()));
  Workers workers(redis_.url(), "w", [&](v1::StageName stage, queue::Delivery delivery) {
    EXPECT_EQ(delivery.document()->id(), "d1");
    // Nobody can fetch it any more.
    if (stage == v1::STAGE_NAME_FILTER) {
      EXPECT_TRUE(admin.Command({"DEL", lane_->keys.documents}).ok());
    }
    Advancing(2)(stage, std::move(delivery));
  });
  MemorySink sink(At(redis_.url()), "job", 1, false);
  sink.RunUntilEnded(absl::Seconds(20));
  EXPECT_EQ(sink.Keys("record").size(), 2u);
  for (const auto& row : sink.Rows()) EXPECT_NE(row.result.document, nullptr) << row.key;
}

TEST_F(DocumentFetchTest, WhatSomebodyElseHadIsAskedFor) {
  Store(Documents(1, 1));
  queue::Redis admin(At(redis_.url()));
  const auto bytes = admin.Command({"HGET", lane_->keys.documents, "d1"});
  ASSERT_TRUE(bytes.ok());
  const uint64_t hash = queue::DocumentHash(bytes->string);
  const auto first = Fetch(EntryOf(1, hash));
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(Fetch(EntryOf(1, hash)), first);
  EXPECT_EQ(fetches_, 1);
  EXPECT_EQ(Fetch(EntryOf(2, hash)), first);
  EXPECT_EQ(fetches_, 2);
  // Finished meanwhile.
  ASSERT_TRUE(admin.Command({"DEL", lane_->keys.documents}).ok());
  EXPECT_EQ(Fetch(EntryOf(2, hash)), nullptr);
}

TEST_F(DocumentFetchTest, OtherContentUnderTheSameIdIsFetched) {
  v1::Document corrected;
  corrected.set_id("d1");
  corrected.set_text("What the document says now.");
  Store(Documents(1, 1));
  queue::Redis admin(At(redis_.url()));
  const auto bytes = admin.Command({"HGET", lane_->keys.documents, "d1"});
  ASSERT_TRUE(bytes.ok());
  ASSERT_NE(Fetch(EntryOf(1, queue::DocumentHash(bytes->string))), nullptr);
  const std::string after = queue::EncodeDocument(corrected);
  ASSERT_TRUE(admin.Command({"HSET", lane_->keys.documents, "d1", after}).ok());
  EXPECT_EQ(Fetch(EntryOf(1, queue::DocumentHash(after)))->text(), corrected.text());
  // Written before entries told the hash.
  EXPECT_EQ(Fetch(EntryOf(1, 0))->text(), corrected.text());
}

}  // namespace
}  // namespace quern::testing
