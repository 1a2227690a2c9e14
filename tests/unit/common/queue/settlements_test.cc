#include "common/queue/settlements.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/str_format.h"

namespace quern::queue {
namespace {

std::shared_ptr<Lane> MakeLane(uint32_t index) {
  auto job = std::make_shared<RunningJob>("job", "1", std::make_shared<v1::JobSpec>());
  return std::make_shared<Lane>(job, index, v1::STAGE_NAME_FILTER, std::make_shared<ServerClock>());
}

Settlement Make(const std::shared_ptr<Lane>& lane, size_t bytes, Settlement::Kind kind = Settlement::Kind::kAdvance) {
  Settlement settlement;
  settlement.lane = lane;
  settlement.kind = kind;
  settlement.payloads = {std::string(bytes, 'x')};
  return settlement;
}

TEST(BatchesTest, KeepsLanesAndHandBacksApartAndStaysWithinItsBounds) {
  const auto first = MakeLane(0), second = MakeLane(1);
  std::vector<Settlement> settlements;
  for (int i = 0; i < 100; ++i) settlements.push_back(Make(first, 10));
  settlements.push_back(Make(second, 10));
  settlements.push_back(Make(first, 10, Settlement::Kind::kHandBack));
  std::multiset<size_t> sizes;
  for (const auto& batch : Batches(settlements)) {
    sizes.insert(batch.size());
    for (const Settlement* settlement : batch) EXPECT_EQ(settlement->lane, batch[0]->lane);
  }
  EXPECT_EQ(sizes, (std::multiset<size_t>{1, 1, 36, 64}));
}

TEST(BatchesTest, ALargeItemTravelsAlone) {
  const auto lane = MakeLane(0);
  std::vector<Settlement> settlements;
  settlements.push_back(Make(lane, 10));
  settlements.push_back(Make(lane, 400 << 10));
  settlements.push_back(Make(lane, 10));
  EXPECT_EQ(Batches(settlements).size(), 3u);
}

TEST(SettlementsTest, WhatManyThreadsPushIsTakenOnceAndInOrder) {
  Settlements settlements;
  const auto lane = MakeLane(0);
  constexpr int kThreads = 4, kEach = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        Settlement settlement = Make(lane, 1);
        settlement.id = absl::StrFormat("%d-%04d", t, i);
        EXPECT_TRUE(settlements.Push(std::move(settlement)));
      }
    });
  }
  std::vector<std::string> last(kThreads);
  size_t taken = 0;
  while (taken < kThreads * kEach) {
    for (const Settlement& settlement : settlements.Take(absl::Seconds(5))) {
      std::string& before = last[settlement.id[0] - '0'];
      EXPECT_LT(before, settlement.id);
      before = settlement.id;
      ++taken;
    }
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken, static_cast<size_t>(kThreads * kEach));
}

TEST(SettlementsTest, RefusesAfterCloseAndKeepsWhatItHas) {
  Settlements settlements;
  const auto lane = MakeLane(0);
  EXPECT_TRUE(settlements.Push(Make(lane, 1)));
  settlements.Close();
  EXPECT_FALSE(settlements.Push(Make(lane, 1)));
  EXPECT_EQ(settlements.Take(absl::ZeroDuration()).size(), 1u);
}

}  // namespace
}  // namespace quern::queue
