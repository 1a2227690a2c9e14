#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/llm/completion.h"
#include "common/llm/park.h"
#include "common/llm/rate_limits.h"
#include "common/llm/token_guess.h"

namespace quern::llm {

// Lets calls go as fast as the limits of their accounts allow, in the order of asking. Asks for many calls at once, so
// that keeping the limits in common costs little per call. Owns a thread. Thread-safe.
class Pacer {
 public:
  // `limits` outlives it and is used by its thread alone.
  explicit Pacer(RateLimits* limits);
  ~Pacer();

  // Waits until the account admits a call with a prompt of that size; resumes on the caller's executor. The tokens it
  // was guessed to take, for Learn; nothing after Stop.
  boost::asio::awaitable<std::optional<uint64_t>> Enter(const RateAccount& account, size_t prompt_bytes);
  // What a call took in the end; corrects the account. Not for calls without usage: those stay counted as guessed.
  void Learn(const RateAccount& account, size_t prompt_bytes, uint64_t guessed, const Usage& usage);

  // Turns away everybody who waits, now and later.
  void Stop();

 private:
  struct Waiting {
    uint64_t tokens = 0;
    Resume resume;
  };
  struct Account {
    RateAccount limits;
    TokenGuess guess;
    std::deque<Waiting> waiting;
    int64_t correction = 0;
    // Not asked for more before then.
    absl::Time due = absl::InfinitePast();
  };

  void Wait(const RateAccount& account, uint64_t tokens, Resume resume);
  void Work();
  // Takes for one account and resumes who may go. Releases mutex_ while it asks.
  void Serve(Account* account) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The account with somebody waiting that is due first; null when nobody waits.
  Account* Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Account& Of(const RateAccount& account) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  RateLimits* const limits_;
  absl::Mutex mutex_;
  // Never erased from, so that pointers stay: a process meets few accounts.
  absl::flat_hash_map<std::string, std::unique_ptr<Account>> accounts_ ABSL_GUARDED_BY(mutex_);
  // Somebody began to wait since the thread looked.
  bool asked_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quern::llm
