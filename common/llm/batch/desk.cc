#include "common/llm/batch/desk.h"

#include <pthread.h>
#include <signal.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/llm/endpoint.h"

namespace quern::batch {
namespace {

constexpr auto kTick = std::chrono::milliseconds(50);
constexpr absl::Duration kLongestCreation = absl::Seconds(15);

llm::BatchReply FailedWith(llm::Failure failure) {
  llm::BatchReply reply;
  reply.failure = std::move(failure);
  return reply;
}

}  // namespace

Desk::Desk(std::unique_ptr<Store> store)
    : work_(std::make_unique<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>>(
          loop_.get_executor())),
      store_(std::move(store)) {
  thread_ = std::thread([this] {
    // Signals are for threads that expect them.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    loop_.run();
  });
}

Desk::~Desk() {
  Stop();
  boost::asio::co_spawn(loop_, Close(), boost::asio::detached);
  thread_.join();
}

void Desk::Stop() {
  link_.Stop();
  boost::asio::post(loop_, [this] {
    for (auto& [key, gatherer] : gatherers_) gatherer->Fail(llm::Draining());
  });
}

boost::asio::awaitable<void> Desk::Close() {
  boost::asio::steady_timer timer(loop_);
  const absl::Time longest = absl::Now() + kLongestCreation;
  while (link_.creating > 0 && absl::Now() < longest) {
    timer.expires_after(kTick);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
  link_.Close();
  work_.reset();
}

boost::asio::awaitable<llm::BatchReply> Desk::Ask(llm::BatchCall call) {
  auto initiation = [this](auto handler, llm::BatchCall asked) {
    auto executor = boost::asio::get_associated_executor(handler);
    auto work = boost::asio::make_work_guard(executor);
    // Shared because a std::function must be copyable; it is called once.
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    Caller caller = [held, executor, work = std::move(work), since = absl::Now()](llm::BatchReply reply) {
      reply.reply.duration = absl::Now() - since;
      boost::asio::post(executor, [held, reply = std::move(reply)]() mutable { std::move (*held)(std::move(reply)); });
    };
    boost::asio::post(loop_, [this, asked = std::move(asked), caller = std::move(caller)]() mutable {
      Take(std::move(asked), std::move(caller));
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(llm::BatchReply)>(
      std::move(initiation), boost::asio::use_awaitable, std::move(call));
}

llm::BatchCounts Desk::counts() const {
  absl::MutexLock lock(&mutex_);
  return counts_;
}

void Desk::Take(llm::BatchCall call, Caller caller) {
  if (link_.stopped()) return caller(FailedWith(llm::Draining()));
  const std::string key = absl::StrFormat("%s\n%p", call.job, call.endpoint.get());
  std::unique_ptr<Gatherer>& gatherer = gatherers_[key];
  if (gatherer == nullptr) {
    gatherer = std::make_unique<Gatherer>(&link_, store_.get(), call.job, call.model, call.endpoint);
  }
  gatherer->Ask(std::move(call), std::move(caller));
  if (std::exchange(working_, true)) return;
  boost::asio::co_spawn(loop_, Work(), boost::asio::detached);
}

boost::asio::awaitable<void> Desk::Work() {
  boost::asio::steady_timer timer(loop_);
  while (!gatherers_.empty() && !link_.stopped()) {
    llm::BatchCounts counts;
    for (auto at = gatherers_.begin(); at != gatherers_.end();) {
      at->second->Tick(absl::Now());
      at->second->AddCounts(&counts);
      if (at->second->idle()) {
        gatherers_.erase(at++);
      } else {
        ++at;
      }
    }
    {
      absl::MutexLock lock(&mutex_);
      counts_ = counts;
    }
    timer.expires_after(kTick);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
  working_ = false;
}

}  // namespace quern::batch
