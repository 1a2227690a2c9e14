#include "common/llm/park.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/defer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace quern::llm {

boost::asio::awaitable<bool> Park(std::function<void(Resume)> wait_for) {
  auto initiation = [wait_for = std::move(wait_for)](auto handler) {
    auto executor = boost::asio::get_associated_executor(handler);
    auto work = boost::asio::make_work_guard(executor);
    // Shared because a std::function must be copyable; it is called once.
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    wait_for([held, executor, work = std::move(work)](bool come) {
      // Who resumes it is often one of the executor's threads, and need not wake another.
      boost::asio::defer(executor, [held, come] { std::move (*held)(come); });
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(bool)>(
      std::move(initiation), boost::asio::use_awaitable);
}

}  // namespace quern::llm
