// Who gets a place when there are fewer than calls.
#include "common/llm/slots.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

namespace quern::llm {
namespace {

TEST(SlotsTest, TheMostUrgentGoFirstAndEqualsInTheOrderOfAsking) {
  boost::asio::io_context loop{1};
  Slots slots(1);
  std::vector<int> entered;
  const auto enter = [&](int number, uint32_t urgency) -> boost::asio::awaitable<void> {
    const bool place = co_await slots.Enter(urgency);
    if (!place) co_return;
    entered.push_back(number);
    slots.LeaveUnused();
  };
  // Holds the only place until all others wait.
  bool held = false;
  const auto hold = [&]() -> boost::asio::awaitable<void> { held = co_await slots.Enter(); };
  boost::asio::co_spawn(loop, hold(), boost::asio::detached);
  loop.run();
  ASSERT_TRUE(held);
  loop.restart();
  boost::asio::co_spawn(loop, enter(1, 2), boost::asio::detached);
  boost::asio::co_spawn(loop, enter(2, 5), boost::asio::detached);
  boost::asio::co_spawn(loop, enter(3, 2), boost::asio::detached);
  boost::asio::co_spawn(loop, enter(4, 5), boost::asio::detached);
  loop.poll();
  EXPECT_EQ(slots.load(), 5u);
  slots.LeaveUnused();
  loop.run();
  EXPECT_EQ(entered, (std::vector<int>{2, 4, 1, 3}));
  EXPECT_EQ(slots.in_use(), 0u);
}

TEST(SlotsTest, StopTurnsAwayWhoWaitsAndWhoComes) {
  boost::asio::io_context loop{1};
  Slots slots(1);
  std::vector<bool> answers;
  const auto enter = [&](uint32_t urgency) -> boost::asio::awaitable<void> {
    const bool place = co_await slots.Enter(urgency);
    answers.push_back(place);
  };
  boost::asio::co_spawn(loop, enter(1), boost::asio::detached);
  boost::asio::co_spawn(loop, enter(1), boost::asio::detached);
  boost::asio::co_spawn(loop, enter(7), boost::asio::detached);
  loop.poll();
  EXPECT_EQ(answers, (std::vector<bool>{true}));
  slots.Stop();
  boost::asio::co_spawn(loop, enter(1), boost::asio::detached);
  loop.restart();
  loop.run();
  EXPECT_EQ(answers, (std::vector<bool>{true, false, false, false}));
}

}  // namespace
}  // namespace quern::llm
