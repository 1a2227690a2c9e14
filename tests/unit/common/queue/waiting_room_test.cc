#include "common/queue/waiting_room.h"

#include <gtest/gtest.h>

namespace quern::queue {
namespace {

class WaitingRoomTest : public ::testing::Test {
 protected:
  WaitingRoomTest() { lane_->state = v1::JOB_STATE_RUNNING; }

  Entry Make(const std::string& id, uint32_t deliveries = 1, int64_t not_before_ms = 0) {
    Entry entry;
    entry.lane = lane_;
    entry.id = id;
    entry.deliveries = deliveries;
    entry.not_before_ms = not_before_ms;
    return entry;
  }

  const std::shared_ptr<RunningJob> job_ = std::make_shared<RunningJob>("job", "1", std::make_shared<v1::JobSpec>());
  const std::shared_ptr<Lane> lane_ =
      std::make_shared<Lane>(job_, 0, v1::STAGE_NAME_FILTER, std::make_shared<ServerClock>());
  SuspectGate gate_;
  WaitingRoom room_{&gate_};
};

TEST_F(WaitingRoomTest, ARetryWaitsForItsTime) {
  room_.Add(Make("later", 1, 1000));
  room_.Add(Make("now"));
  auto taken = room_.Take(999, 10);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].entry.id, "now");
  taken = room_.Take(1000, 10);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].entry.id, "later");
}

TEST_F(WaitingRoomTest, AResumedJobWaitsForNothingThatWasBefore) {
  room_.Add(Make("100-0", 1, 9000));
  job_->resumed_ms = 200;
  room_.Add(Make("150-0", 1, 9000));
  room_.Add(Make("300-0", 1, 9000));
  room_.HeedResumes();
  const auto taken = room_.Take(400, 10);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].entry.id, "150-0");
  EXPECT_EQ(taken[1].entry.id, "100-0");
  EXPECT_EQ(room_.Take(9000, 10).size(), 1u) << "what was written after it waits as ever";
}

// Else work would start by the spec from before the pause.
TEST_F(WaitingRoomTest, OnlyTheDirectoryOpensALane) {
  lane_->Saw(v1::JOB_STATE_PAUSED);
  lane_->Saw(v1::JOB_STATE_RUNNING);
  EXPECT_FALSE(lane_->open());
  lane_->state = v1::JOB_STATE_RUNNING;
  EXPECT_TRUE(lane_->open());
}

TEST_F(WaitingRoomTest, NothingOfAPausedJobStarts) {
  room_.Add(Make("a"));
  lane_->state = v1::JOB_STATE_PAUSED;
  EXPECT_TRUE(room_.Take(0, 10).empty());
  lane_->state = v1::JOB_STATE_RUNNING;
  EXPECT_EQ(room_.Take(0, 10).size(), 1u);
}

TEST_F(WaitingRoomTest, ASuspectGetsToRunAloneThoughWorkKeepsComing) {
  room_.Add(Make("first"));
  auto running = room_.Take(0, 10);
  room_.Add(Make("suspect", 4));
  room_.Add(Make("second"));
  EXPECT_EQ(room_.Take(0, 1).size(), 1u) << "the wish is told at the end of a pass";
  room_.Add(Make("third"));
  EXPECT_TRUE(room_.Take(0, 10).empty());
  running.clear();
  auto alone = room_.Take(0, 10);
  ASSERT_EQ(alone.size(), 1u);
  EXPECT_EQ(alone[0].entry.id, "suspect");
  alone.clear();
  EXPECT_EQ(room_.Take(0, 10).size(), 1u);
}

TEST_F(WaitingRoomTest, TakeIfLeavesTheOthersInTheirOrder) {
  for (const char* id : {"a", "b", "c"}) room_.Add(Make(id));
  room_.Add(Make("d", 1, 500));
  const auto out = room_.TakeIf([](const Entry& entry) { return entry.id == "b" || entry.id == "d"; });
  EXPECT_EQ(out.size(), 2u);
  const auto left = room_.Take(1000, 10);
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0].entry.id, "a");
  EXPECT_EQ(left[1].entry.id, "c");
}

}  // namespace
}  // namespace quern::queue
