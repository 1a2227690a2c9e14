#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

namespace quern::llm {

// Continues a coroutine that waits, from any thread and exactly once. False: what it waited for will not come.
using Resume = std::function<void(bool)>;

// Suspends the caller, hands its Resume to `wait_for`, and resumes on the caller's executor with what Resume was given.
// Resume may be called inside `wait_for`.
boost::asio::awaitable<bool> Park(std::function<void(Resume)> wait_for);

}  // namespace quern::llm
