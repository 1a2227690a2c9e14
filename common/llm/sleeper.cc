#include "common/llm/sleeper.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/time/clock.h"

namespace quern::llm {
namespace {

// Waits are looked at this often instead of being cancelled from another thread, which timers do not allow.
constexpr absl::Duration kSlice = absl::Milliseconds(250);

}  // namespace

boost::asio::awaitable<bool> Sleeper::Sleep(absl::Duration duration) const {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  const absl::Time until = absl::Now() + duration;
  for (absl::Duration left = duration; left > absl::ZeroDuration() && !stopped(); left = until - absl::Now()) {
    timer.expires_after(absl::ToChronoNanoseconds(std::min(left, kSlice)));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
  co_return !stopped();
}

}  // namespace quern::llm
