#include "common/llm/refusal_streak.h"

#include "absl/strings/str_cat.h"

namespace quern::llm {
namespace {

constexpr int kForAPersonInARow = 10;
// After this a person has resumed the job, and what was refused then may be one bad document now.
constexpr absl::Duration kStreakEnds = absl::Minutes(2);

}  // namespace

void RefusalStreak::Judge(const std::string& endpoint, absl::Time now, Reading* reading) {
  using Verdict = Reading::Verdict;
  absl::MutexLock lock(&mutex_);
  Streak& streak = by_endpoint_[endpoint];
  if (reading->verdict == Verdict::kComplete || reading->verdict == Verdict::kTruncated) {
    streak.in_a_row = 0;
    streak.has_answered = true;
  }
  if (!reading->blames_request) return;
  if (now - streak.last > kStreakEnds) streak.in_a_row = 0;
  streak.last = now;
  if (++streak.in_a_row < kForAPersonInARow) return;
  reading->verdict = Verdict::kForAPerson;
  absl::StrAppend(&reading->message, " (the last ", kForAPersonInARow,
                  " calls or more ended so, none in a completion)");
}

bool RefusalStreak::HasAnswered(const std::string& endpoint) const {
  absl::MutexLock lock(&mutex_);
  const auto found = by_endpoint_.find(endpoint);
  return found != by_endpoint_.end() && found->second.has_answered;
}

}  // namespace quern::llm
