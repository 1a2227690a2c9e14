#include "clients/cli/ingest_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "tests/unit/clients/cli/fake_pipeline.h"
#include "tests/unit/clients/cli/fake_reader.h"

namespace quern::cli {
namespace {

IngestOptions FastOptions() {
  IngestOptions options;
  options.batch.documents = 10;
  options.backoff.first = absl::Milliseconds(1);
  options.backoff.longest = absl::Milliseconds(5);
  return options;
}

IngestClient::Open Lines(uint64_t lines, size_t text_bytes = 10) {
  return [=]() -> absl::StatusOr<std::unique_ptr<dataset::SourceReader>> {
    return std::make_unique<FakeReader>(lines, text_bytes);
  };
}

TEST(IngestClientTest, SendsEveryEntryOnceAndTellsTheLastPosition) {
  FakePipeline pipeline;
  FakeServer server(&pipeline);
  IngestClient client(server.channel(), "test", FastOptions(), {});
  const auto last = client.Send("a", Lines(100), true);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(*last, 100);
  EXPECT_EQ(pipeline.Positions("a"), FakeReader::AllPositions(100));
}

TEST(IngestClientTest, ResumesFromTheServersPositionAfterEveryBreak) {
  FakePipeline pipeline;
  pipeline.break_stream = [](int requests) { return requests % 4 == 0; };
  FakeServer server(&pipeline);
  IngestClient client(server.channel(), "test", FastOptions(), {});
  const auto last = client.Send("a", Lines(300), true);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(pipeline.Positions("a"), FakeReader::AllPositions(300));
  EXPECT_GT(pipeline.streams(), 3);
}

TEST(IngestClientTest, SendsAgainWhatTheServerLost) {
  FakePipeline pipeline;
  int breaks = 0;
  pipeline.break_stream = [&](int requests) {
    if (requests != 6) return false;
    ++breaks;
    // Redis came back without the last second.
    pipeline.RollBack("a", 10);
    return true;
  };
  FakeServer server(&pipeline);
  IngestClient client(server.channel(), "test", FastOptions(), {});
  ASSERT_TRUE(client.Send("a", Lines(200), true).ok());
  EXPECT_EQ(breaks, 1);
  EXPECT_EQ(pipeline.Positions("a"), FakeReader::AllPositions(200));
}

TEST(IngestClientTest, ASourceThatWasSentIsNotSentAgain) {
  FakePipeline pipeline;
  FakeServer server(&pipeline);
  IngestClient client(server.channel(), "test", FastOptions(), {});
  ASSERT_TRUE(client.Send("a", Lines(50), true).ok());
  const auto again = client.Send("a", Lines(50), true);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, 50);
  EXPECT_EQ(pipeline.Positions("a"), FakeReader::AllPositions(50));
}

TEST(IngestClientTest, RequestsStayBelowTheLimitOfTheApi) {
  FakePipeline pipeline;
  FakeServer server(&pipeline);
  IngestOptions options = FastOptions();
  options.batch.bytes = 8 << 20;
  IngestClient client(server.channel(), "test", options, {});
  ASSERT_TRUE(client.Send("a", Lines(20, 1 << 20), true).ok());
  EXPECT_LE(pipeline.largest_request(), size_t{4} << 20);
  EXPECT_EQ(pipeline.Positions("a"), FakeReader::AllPositions(20));
}

TEST(IngestClientTest, ADocumentLargerThanARequestGoesAlone) {
  FakePipeline pipeline;
  FakeServer server(&pipeline);
  IngestClient client(server.channel(), "test", FastOptions(), {});
  ASSERT_TRUE(client.Send("a", Lines(2, 6 << 20), true).ok());
  EXPECT_EQ(pipeline.Positions("a"), FakeReader::AllPositions(2));
}

TEST(IngestClientTest, AnEmptySourceEndsAtZero) {
  FakePipeline pipeline;
  FakeServer server(&pipeline);
  IngestClient client(server.channel(), "test", FastOptions(), {});
  const auto last = client.Send("a", Lines(0), true);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(*last, 0);
}

TEST(IngestClientTest, GivesUpWhenPatienceIsSpentWithoutProgress) {
  FakePipeline pipeline;
  pipeline.break_stream = [](int) { return true; };
  FakeServer server(&pipeline);
  IngestOptions options = FastOptions();
  options.backoff.patience = absl::Milliseconds(50);
  IngestClient client(server.channel(), "test", options, {});
  const auto last = client.Send("a", Lines(10), true);
  EXPECT_TRUE(absl::IsUnavailable(last.status())) << last.status();
}

TEST(IngestClientTest, StopsWhileItWaits) {
  FakePipeline pipeline;
  pipeline.break_stream = [](int) { return true; };
  FakeServer server(&pipeline);
  IngestOptions options = FastOptions();
  options.backoff.first = options.backoff.longest = absl::Minutes(5);
  std::stop_source stop;
  IngestClient client(server.channel(), "test", options, stop.get_token());
  std::jthread stopper([&] {
    while (pipeline.streams() == 0) std::this_thread::yield();
    stop.request_stop();
  });
  EXPECT_TRUE(absl::IsCancelled(client.Send("a", Lines(10), true).status()));
}

TEST(IngestClientTest, HoldsTellsWhetherTheServerStillHasASource) {
  FakePipeline pipeline;
  FakeServer server(&pipeline);
  IngestClient client(server.channel(), "test", FastOptions(), {});
  ASSERT_TRUE(client.Send("a", Lines(20), true).ok());
  EXPECT_TRUE(*client.Holds("a", 20));
  pipeline.RollBack("a", 5);
  EXPECT_FALSE(*client.Holds("a", 20));
}

}  // namespace
}  // namespace quern::cli
