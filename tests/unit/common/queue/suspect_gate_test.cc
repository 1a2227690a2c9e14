#include "common/queue/suspect_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace quern::queue {
namespace {

TEST(SuspectGateTest, NarrowsTheCircleWithEachDelivery) {
  SuspectGate gate;
  std::vector<std::unique_ptr<SuspectGate::Pass>> passes;
  for (int i = 0; i < 64; ++i) passes.push_back(gate.TryEnter(2));
  for (const auto& pass : passes) EXPECT_NE(pass, nullptr);
  EXPECT_EQ(gate.TryEnter(2), nullptr);
  for (int i = 0; i < 8; ++i) passes.push_back(gate.TryEnter(3));
  EXPECT_NE(passes.back(), nullptr);
  EXPECT_EQ(gate.TryEnter(3), nullptr);
  EXPECT_NE(gate.TryEnter(1), nullptr);
}

TEST(SuspectGateTest, FromTheFourthDeliveryAnEntryRunsAlone) {
  SuspectGate gate;
  auto neighbour = gate.TryEnter(1);
  EXPECT_EQ(gate.TryEnter(4), nullptr);
  neighbour.reset();
  auto alone = gate.TryEnter(4);
  ASSERT_NE(alone, nullptr);
  EXPECT_EQ(gate.TryEnter(1), nullptr);
  EXPECT_EQ(gate.TryEnter(5), nullptr);
  alone.reset();
  EXPECT_NE(gate.TryEnter(1), nullptr);
}

TEST(SuspectGateTest, NothingEntersBeforeAnEntryThatWaitsToRunAlone) {
  SuspectGate gate;
  auto running = gate.TryEnter(1);
  gate.WantAlone(true);
  EXPECT_EQ(gate.TryEnter(1), nullptr) << "a stream of new work would keep the suspect waiting for ever";
  running.reset();
  auto alone = gate.TryEnter(4);
  ASSERT_NE(alone, nullptr);
  alone.reset();
  EXPECT_NE(gate.TryEnter(1), nullptr) << "the wish ended with the run";
}

TEST(SuspectGateTest, AWishIsTakenBack) {
  SuspectGate gate;
  gate.WantAlone(true);
  EXPECT_EQ(gate.TryEnter(1), nullptr);
  gate.WantAlone(false);
  EXPECT_NE(gate.TryEnter(1), nullptr);
}

TEST(SuspectGateTest, HoldsUnderThreads) {
  constexpr int kAloneRuns = 100;
  SuspectGate gate;
  std::atomic<int> company = 0, alone = 0, alone_runs = 0, broken = 0;
  const auto enter = [&](uint32_t deliveries) {
    auto pass = gate.TryEnter(deliveries);
    if (pass == nullptr) {
      if (deliveries >= 4) gate.WantAlone(true);
      return;
    }
    std::atomic<int>& mine = deliveries >= 4 ? alone : company;
    ++mine;
    std::this_thread::yield();
    if (alone > 1 || (alone > 0 && company > 0)) ++broken;
    if (deliveries >= 4) ++alone_runs;
    --mine;
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      // Whoever wants to run alone gets there however long others are held up inside: nobody else enters meanwhile.
      for (uint32_t i = 0; alone_runs < kAloneRuns; ++i) enter(t == 0 ? 4 : 1 + i % 3);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(broken, 0);
}

}  // namespace
}  // namespace quern::queue
