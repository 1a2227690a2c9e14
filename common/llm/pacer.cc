#include "common/llm/pacer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/time/clock.h"

namespace quern::llm {
namespace {

// Calls asked for at once: enough for any provider's rate, and a short script.
constexpr size_t kMostAtOnce = 256;
// Between two looks at an account, however fast it fills.
constexpr absl::Duration kLeastWait = absl::Milliseconds(10);
// While the limits cannot be read.
constexpr absl::Duration kAwayWait = absl::Milliseconds(500);

}  // namespace

Pacer::Pacer(RateLimits* limits) : limits_(limits), thread_([this] { Work(); }) {}

Pacer::~Pacer() {
  Stop();
  thread_.join();
}

boost::asio::awaitable<std::optional<uint64_t>> Pacer::Enter(const RateAccount& account, size_t prompt_bytes) {
  uint64_t tokens = 0;
  {
    absl::MutexLock lock(&mutex_);
    tokens = Of(account).guess.Of(prompt_bytes);
  }
  auto wait = [this, account, tokens](Resume resume) { Wait(account, tokens, std::move(resume)); };
  const bool admitted = co_await Park(std::move(wait));
  if (!admitted) co_return std::nullopt;
  co_return tokens;
}

void Pacer::Wait(const RateAccount& account, uint64_t tokens, Resume resume) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) {
      Of(account).waiting.push_back({tokens, std::move(resume)});
      asked_ = true;
      return;
    }
  }
  resume(false);
}

void Pacer::Learn(const RateAccount& account, size_t prompt_bytes, uint64_t guessed, const Usage& usage) {
  absl::MutexLock lock(&mutex_);
  Account& learning = Of(account);
  learning.guess.Learn(prompt_bytes, usage);
  learning.correction += static_cast<int64_t>(usage.input + usage.output) - static_cast<int64_t>(guessed);
}

void Pacer::Stop() {
  std::vector<Resume> waiting;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (auto& [id, account] : accounts_) {
      for (Waiting& one : account->waiting) waiting.push_back(std::move(one.resume));
      account->waiting.clear();
    }
  }
  for (const Resume& resume : waiting) resume(false);
}

Pacer::Account& Pacer::Of(const RateAccount& account) {
  std::unique_ptr<Account>& found = accounts_[account.id];
  if (found == nullptr) found = std::make_unique<Account>();
  // Of the job that asked last.
  found->limits = account;
  return *found;
}

Pacer::Account* Pacer::Next() {
  Account* next = nullptr;
  for (auto& [id, account] : accounts_) {
    if (account->waiting.empty()) continue;
    if (next == nullptr || account->due < next->due) next = account.get();
  }
  return next;
}

void Pacer::Work() {
  absl::MutexLock lock(&mutex_);
  const auto woken = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return asked_ || stopping_; };
  while (!stopping_) {
    asked_ = false;
    Account* const account = Next();
    if (account != nullptr && account->due <= absl::Now()) {
      Serve(account);
    } else {
      const absl::Duration wait = account == nullptr ? absl::InfiniteDuration() : account->due - absl::Now();
      mutex_.AwaitWithTimeout(absl::Condition(&woken), wait);
    }
  }
}

void Pacer::Serve(Account* account) {
  std::vector<uint64_t> tokens;
  for (const Waiting& one : account->waiting) {
    if (tokens.size() == kMostAtOnce) break;
    tokens.push_back(one.tokens);
  }
  const RateAccount limits = account->limits;
  const int64_t correction = std::exchange(account->correction, 0);
  mutex_.Unlock();
  const absl::StatusOr<RateLimits::Granted> granted = limits_->Take(limits, tokens, correction);
  mutex_.Lock();
  if (!granted.ok()) {
    spdlog::warn("calls wait, for the limits per minute cannot be read error=\"{}\"", granted.status().ToString());
    account->correction += correction;
    account->due = absl::Now() + kAwayWait;
    return;
  }
  account->due = absl::Now() + std::max(granted->wait, kLeastWait);
  // Stop may have emptied it meanwhile; what was taken for those is lost to the account for a moment.
  const size_t count = std::min(granted->calls, account->waiting.size());
  for (size_t i = 0; i < count; ++i) {
    const Resume resume = std::move(account->waiting.front().resume);
    account->waiting.pop_front();
    // Only posts to the coroutine's executor.
    resume(true);
  }
}

}  // namespace quern::llm
