#include "common/llm/endpoint.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/hash.h"

namespace quern::llm {
namespace {

// Long enough that the calls queued behind a refused key all learn of it without being sent, short enough that a job
// which a person has resumed goes on at once.
constexpr absl::Duration kLookAgain = absl::Seconds(2);
// Longer than anything that waits for the server leaves it alone: then nobody knows how it is.
constexpr absl::Duration kFaultIsOld = absl::Minutes(3);
// How often calls that wait for the one that looks see whether it is back.
constexpr absl::Duration kLookedYet = absl::Milliseconds(50);

}  // namespace

Failure Draining() {
  return {Failure::Whose::kEnvironment,
          MakeError(absl::StatusCode::kUnavailable, "DRAINING", "the process is stopping; repeat elsewhere")};
}

Endpoint::Endpoint(std::string name, std::string url, size_t max_concurrency, v1::StructuredOutput structured)
    : name_(std::move(name)),
      url_(std::move(url)),
      hash_(Hash64(name_)),
      may_lower_structured_(structured == v1::STRUCTURED_OUTPUT_AUTO),
      slots_(max_concurrency),
      structured_(may_lower_structured_ ? v1::STRUCTURED_OUTPUT_JSON_SCHEMA : structured) {}

boost::asio::awaitable<std::optional<Failure>> Endpoint::Enter(const Sleeper& sleeper, uint32_t urgency) {
  while (true) {
    const bool entered = co_await slots_.Enter(urgency);
    if (!entered) co_return Draining();
    Turn turn = TakeTurn(absl::Now());
    if (!turn.failure && turn.wait == absl::ZeroDuration()) co_return std::nullopt;
    slots_.LeaveUnused();
    if (turn.failure) co_return std::move(turn.failure);
    const bool go_on = co_await sleeper.Sleep(turn.wait);
    if (!go_on) co_return Draining();
  }
}

Endpoint::Turn Endpoint::TakeTurn(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  Turn turn;
  if (for_a_person_) {
    if (looking_since_) {
      turn.wait = kLookedYet;
      return turn;
    }
    if (now < look_again_at_) {
      turn.failure = for_a_person_;
      return turn;
    }
  }
  if (now < not_before_) {
    turn.wait = not_before_ - now;
    return turn;
  }
  if (!breaker_.TryStart(now)) {
    turn.failure = Failure(Failure::Whose::kEnvironment,
                           MakeError(absl::StatusCode::kUnavailable, "ENDPOINT_DOWN",
                                     absl::StrCat(name_, " does not answer; it is tried again from time to time")));
    return turn;
  }
  if (for_a_person_) looking_since_ = now;
  return turn;
}

void Endpoint::Leave(const Reading& reading, absl::Time began, absl::Time now) {
  using Verdict = Reading::Verdict;
  Heed(reading, began, now);
  Slots::Ended ended = Slots::Ended::kOther;
  if (reading.verdict == Verdict::kComplete || reading.verdict == Verdict::kTruncated) ended = Slots::Ended::kSucceeded;
  if (reading.verdict == Verdict::kOverloaded || reading.verdict == Verdict::kUnreachable) {
    ended = Slots::Ended::kOverloaded;
  }
  slots_.Leave(ended, began, now);
}

void Endpoint::WaitForAPerson(const Reading& reading, absl::Time now) {
  for_a_person_ = Failure(Failure::Whose::kJob, MakeError(absl::StatusCode::kFailedPrecondition, reading.reason,
                                                          absl::StrCat(name_, ": ", reading.message)));
  look_again_at_ = now + kLookAgain;
}

void Endpoint::Heed(const Reading& reading, absl::Time began, absl::Time now) {
  using Verdict = Reading::Verdict;
  absl::MutexLock lock(&mutex_);
  if (looking_since_ && began >= *looking_since_) {
    // Unless it tells that nothing is mended, the next call looks.
    looking_since_.reset();
    look_again_at_ = absl::InfinitePast();
  }
  switch (reading.verdict) {
    case Verdict::kUnreachable:
      breaker_.Unreachable(now);
      fault_ = reading.message;
      fault_at_ = now;
      return;
    case Verdict::kBroken:
      breaker_.Broken(now);
      fault_ = reading.message;
      fault_at_ = now;
      return;
    case Verdict::kOverloaded:
      // Alive, at least.
      breaker_.Succeeded();
      if (!reading.retry_after) return;
      if (*reading.retry_after > kLongestRetryAfter) {
        WaitForAPerson(reading, now);
        return;
      }
      not_before_ = std::max(not_before_, now + *reading.retry_after);
      return;
    case Verdict::kForAPerson:
      breaker_.Succeeded();
      WaitForAPerson(reading, now);
      return;
    case Verdict::kComplete:
    case Verdict::kTruncated:
      for_a_person_.reset();
      [[fallthrough]];
    case Verdict::kRefused:
    case Verdict::kUnsupportedParameter:
      breaker_.Succeeded();
      return;
  }
}

void Endpoint::LeaveUnused() {
  {
    absl::MutexLock lock(&mutex_);
    breaker_.Abandoned();
    looking_since_.reset();
  }
  slots_.LeaveUnused();
}

v1::StructuredOutput Endpoint::structured() const {
  absl::MutexLock lock(&mutex_);
  return structured_;
}

bool Endpoint::LowerStructured(v1::StructuredOutput tried) {
  absl::MutexLock lock(&mutex_);
  if (!may_lower_structured_) return false;
  // Somebody else has found it out meanwhile.
  if (tried != structured_) return true;
  if (structured_ == v1::STRUCTURED_OUTPUT_TEXT) return false;
  structured_ =
      structured_ == v1::STRUCTURED_OUTPUT_JSON_SCHEMA ? v1::STRUCTURED_OUTPUT_JSON_OBJECT : v1::STRUCTURED_OUTPUT_TEXT;
  return true;
}

bool Endpoint::healthy() const {
  absl::MutexLock lock(&mutex_);
  return breaker_.MayStart(absl::Now());
}

bool Endpoint::down() const {
  absl::MutexLock lock(&mutex_);
  return breaker_.open();
}

std::optional<std::string> Endpoint::down_reason() const {
  absl::MutexLock lock(&mutex_);
  const bool known = breaker_.open() && absl::Now() - fault_at_ < kFaultIsOld;
  return known ? std::optional(fault_) : std::nullopt;
}

absl::Time Endpoint::retry_at() const {
  absl::MutexLock lock(&mutex_);
  return breaker_.retry_at();
}

}  // namespace quern::llm
