#include "services/pipeline/active_streams.h"

#include <gtest/gtest.h>

#include <thread>

namespace quern::pipeline {
namespace {

TEST(ActiveStreamsTest, DrainEndsEachStreamOnceAndWaitsForIt) {
  ActiveStreams active;
  int ended = 0;
  const uint64_t gone = active.Add([&] { ended += 100; });
  active.Remove(gone);
  std::thread stream;
  uint64_t id = 0;
  id = active.Add([&] {
    ++ended;
    stream = std::thread([&] { active.Remove(id); });
  });
  active.Drain(absl::InfiniteDuration());  // returns only because the stream removed itself
  active.Drain(absl::InfiniteDuration());
  stream.join();
  EXPECT_EQ(ended, 1);
}

TEST(ActiveStreamsTest, StreamsThatComeDuringADrainEndAtOnce) {
  ActiveStreams active;
  active.Drain(absl::ZeroDuration());
  bool ended = false;
  active.Add([&] { ended = true; });
  EXPECT_TRUE(ended);
}

TEST(ActiveStreamsTest, DrainGivesUpAfterItsGrace) {
  ActiveStreams active;
  active.Add([] {});
  active.Drain(absl::Milliseconds(10));
}

}  // namespace
}  // namespace quern::pipeline
