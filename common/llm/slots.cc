#include "common/llm/slots.h"

#include <utility>

namespace quern::llm {

boost::asio::awaitable<bool> Slots::Enter(uint32_t urgency) {
  {
    // Most find a place, and need not be resumed for it.
    absl::MutexLock lock(&mutex_);
    if (TryEnter()) co_return true;
  }
  auto wait = [this, urgency](Resume resume) { Ask(urgency, std::move(resume)); };
  co_return co_await Park(std::move(wait));
}

bool Slots::TryEnter() {
  if (stopped_ || waiting_ > 0 || in_use_ >= limit_.limit()) return false;
  ++in_use_;
  return true;
}

void Slots::Ask(uint32_t urgency, Resume resume) {
  bool entered = false;
  {
    absl::MutexLock lock(&mutex_);
    entered = TryEnter();
    if (!entered && !stopped_) {
      queues_[urgency].push_back(std::move(resume));
      ++waiting_;
      return;
    }
  }
  resume(entered);
}

std::vector<Resume> Slots::TakeWaiting(size_t most) {
  std::vector<Resume> taken;
  for (auto& [urgency, queue] : queues_) {
    for (; !queue.empty() && taken.size() < most; queue.pop_front()) taken.push_back(std::move(queue.front()));
  }
  waiting_ -= taken.size();
  return taken;
}

std::vector<Resume> Slots::TakeEntering() {
  const size_t limit = limit_.limit();
  std::vector<Resume> entering = TakeWaiting(limit > in_use_ ? limit - in_use_ : 0);
  in_use_ += entering.size();
  return entering;
}

void Slots::Leave(Ended how, absl::Time began, absl::Time now) {
  std::vector<Resume> entering;
  {
    absl::MutexLock lock(&mutex_);
    --in_use_;
    if (how == Ended::kSucceeded) limit_.Succeeded();
    if (how == Ended::kOverloaded) limit_.Overloaded(began, now);
    entering = TakeEntering();
  }
  for (const Resume& resume : entering) resume(true);
}

void Slots::LeaveUnused() { Leave(Ended::kOther, absl::InfinitePast(), absl::InfinitePast()); }

void Slots::Stop() {
  std::vector<Resume> waiting;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    waiting = TakeWaiting(waiting_);
  }
  for (const Resume& resume : waiting) resume(false);
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
  return in_use_ + waiting_;
}

}  // namespace quern::llm
