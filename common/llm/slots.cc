#include "common/llm/slots.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace quern::llm {

boost::asio::awaitable<bool> Slots::Enter() {
  auto initiation = [this](auto handler) {
    auto executor = boost::asio::get_associated_executor(handler);
    auto work = boost::asio::make_work_guard(executor);
    // Shared because a std::function must be copyable; it is called once.
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    Ask([held, executor, work = std::move(work)](bool entered) {
      boost::asio::post(executor, [held, entered] { std::move (*held)(entered); });
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(bool)>(
      std::move(initiation), boost::asio::use_awaitable);
}

void Slots::Ask(Resume resume) {
  bool entered = false;
  {
    absl::MutexLock lock(&mutex_);
    if (!stopped_) {
      entered = waiting_.empty() && in_use_ < limit_.limit();
      if (entered) ++in_use_;
      if (!entered) {
        waiting_.push_back(std::move(resume));
        return;
      }
    }
  }
  resume(entered);
}

std::deque<Slots::Resume> Slots::TakeEntering() {
  std::deque<Resume> entering;
  while (!waiting_.empty() && in_use_ < limit_.limit()) {
    ++in_use_;
    entering.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return entering;
}

void Slots::Leave(Ended how, absl::Time began, absl::Time now) {
  std::deque<Resume> entering;
  {
    absl::MutexLock lock(&mutex_);
    --in_use_;
    if (how == Ended::kSucceeded) limit_.Succeeded();
    if (how == Ended::kOverloaded) limit_.Overloaded(began, now);
    entering = TakeEntering();
  }
  for (Resume& resume : entering) resume(true);
}

void Slots::LeaveUnused() { Leave(Ended::kOther, absl::InfinitePast(), absl::InfinitePast()); }

void Slots::Stop() {
  std::deque<Resume> waiting;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    waiting.swap(waiting_);
  }
  for (Resume& resume : waiting) resume(false);
}

size_t Slots::limit() const {
  absl::MutexLock lock(&mutex_);
  return limit_.limit();
}

size_t Slots::in_use() const {
  absl::MutexLock lock(&mutex_);
  return in_use_;
}

size_t Slots::load() const {
  absl::MutexLock lock(&mutex_);
  return in_use_ + waiting_.size();
}

}  // namespace quern::llm
