#include "common/queue/read_schedule.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

namespace quern::queue {
namespace {

std::shared_ptr<Lane> MakeLane(const std::string& id, uint32_t weight) {
  auto spec = std::make_shared<v1::JobSpec>();
  spec->mutable_queue()->set_weight(weight);
  auto job = std::make_shared<RunningJob>(id, "1", std::move(spec));
  auto lane = std::make_shared<Lane>(job, 0, v1::STAGE_NAME_FILTER, std::make_shared<ServerClock>());
  lane->state = v1::JOB_STATE_RUNNING;
  return lane;
}

// Lets every lane fill what it is asked for.
std::map<std::string, size_t> Serve(ReadSchedule& schedule, size_t room, int passes, absl::Time now) {
  std::map<std::string, size_t> served;
  for (int i = 0; i < passes; ++i) {
    for (const auto& ask : schedule.Plan(room, now)) {
      served[ask.lane->job->id] += ask.count;
      schedule.Report(ask.lane.get(), ask.count, ask.count, now);
    }
  }
  return served;
}

TEST(ReadScheduleTest, SharesRoomByWeight) {
  ReadSchedule schedule;
  schedule.SetLanes({MakeLane("heavy", 3), MakeLane("light", 1)});
  const auto served = Serve(schedule, 64, 100, absl::UnixEpoch());
  EXPECT_NEAR(static_cast<double>(served.at("heavy")) / static_cast<double>(served.at("light")), 3.0, 0.1);
}

TEST(ReadScheduleTest, ASmallRoomGoesRoundToo) {
  ReadSchedule schedule;
  schedule.SetLanes({MakeLane("a", 1), MakeLane("b", 1)});
  const auto served = Serve(schedule, 1, 100, absl::UnixEpoch());
  EXPECT_EQ(served.at("a"), 50u);
  EXPECT_EQ(served.at("b"), 50u);
}

TEST(ReadScheduleTest, AnEmptyLaneIsAskedLessAndLessOften) {
  ReadSchedule schedule;
  const auto lane = MakeLane("a", 1);
  schedule.SetLanes({lane});
  absl::Time now = absl::UnixEpoch();
  int asks = 0;
  for (int ms = 0; ms < 1000; ++ms, now += absl::Milliseconds(1)) {
    for (const auto& ask : schedule.Plan(10, now)) {
      ++asks;
      schedule.Report(ask.lane.get(), ask.count, 0, now);
    }
  }
  EXPECT_GT(asks, 8);
  EXPECT_LT(asks, 20);
}

TEST(ReadScheduleTest, AnEmptyLaneLeavesItsRoomToOthers) {
  ReadSchedule schedule;
  const auto empty = MakeLane("empty", 100), full = MakeLane("full", 1);
  schedule.SetLanes({empty, full});
  const absl::Time now = absl::UnixEpoch();
  schedule.Report(empty.get(), 8, 0, now);
  const auto asks = schedule.Plan(64, now);
  ASSERT_EQ(asks.size(), 1u);
  EXPECT_EQ(asks[0].lane, full);
  EXPECT_EQ(asks[0].count, 64u);
}

TEST(ReadScheduleTest, JobsOnHoldAreReadOnlyWhenCancelled) {
  ReadSchedule schedule;
  const auto held = MakeLane("held", 1), cancelled = MakeLane("cancelled", 1), running = MakeLane("running", 1);
  for (const auto& lane : {held, cancelled}) lane->job->hold->Begin([](uint32_t) { return absl::Hours(1); });
  cancelled->state = v1::JOB_STATE_CANCELLING;
  schedule.SetLanes({held, cancelled, running});
  std::set<std::shared_ptr<Lane>> asked;
  for (const auto& ask : schedule.Plan(64, absl::UnixEpoch())) asked.insert(ask.lane);
  EXPECT_EQ(asked, (std::set<std::shared_ptr<Lane>>{cancelled, running}));
}

TEST(JobHoldTest, TheFirstOfManyDecidesAndSuccessBeginsAnew) {
  JobHold hold;
  EXPECT_FALSE(hold.on());
  std::vector<uint32_t> counted;
  const auto length = [&](uint32_t holds) {
    counted.push_back(holds);
    return absl::Nanoseconds(1);
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_GT(hold.Begin(length), absl::ZeroDuration());
    while (hold.on()) {
    }
  }
  hold.Succeeded();
  EXPECT_GT(hold.Begin(length), absl::ZeroDuration());
  EXPECT_EQ(counted, (std::vector<uint32_t>{0, 1, 0}));
  while (hold.on()) {
  }
  hold.Begin([](uint32_t) { return absl::Hours(1); });
  EXPECT_TRUE(hold.on());
  EXPECT_EQ(hold.Begin(length), absl::ZeroDuration()) << "one is on";
}

}  // namespace
}  // namespace quern::queue
