#include "common/queue/job_batches.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/queue/fields.h"
#include "common/queue/keys.h"
#include "common/queue/scripts.h"

namespace quern::queue {
namespace {

// Long enough for a request to a provider and a Redis that hangs for a while; renewed every 10 s.
constexpr std::string_view kOwnerDeadAfterMs = "90000";
constexpr std::string_view kKeptMs = "2592000000";
// Calls in one run of a script: some milliseconds of Redis.
constexpr size_t kCallsAtOnce = 1000;

}  // namespace

JobBatches::JobBatches(RedisOptions redis, std::string owner)
    : owner_(std::move(owner)),
      dead_after_ms_(redis.exclusive ? "0" : std::string(kOwnerDeadAfterMs)),
      redis_(redis),
      clock_(redis) {}

absl::StatusOr<int> JobBatches::StateOf(const std::string& job) {
  // A job's lanes change their state one after the other, the first one first.
  QUERN_ASSIGN_OR_RETURN(const Reply state, redis_.Command({"HGET", LaneKeys(job, 0).state, "state"}));
  return state.type == Reply::Type::kString ? static_cast<int>(NumberOf(state)) : 0;
}

absl::StatusOr<std::vector<std::string>> JobBatches::Claim(const std::string& job, const std::string& token,
                                                           const std::string& endpoint,
                                                           const std::vector<std::string>& calls) {
  std::vector<std::string> tokens;
  const std::vector<std::string> keys = {JobKey(job), BatchesKey(job), BatchCallsKey(job)};
  for (size_t begin = 0; begin < calls.size(); begin += kCallsAtOnce) {
    std::vector<std::string_view> arguments = {token, owner_, endpoint, kKeptMs};
    const size_t end = std::min(calls.size(), begin + kCallsAtOnce);
    arguments.insert(arguments.end(), calls.begin() + static_cast<int64_t>(begin),
                     calls.begin() + static_cast<int64_t>(end));
    QUERN_ASSIGN_OR_RETURN(const Reply found, redis_.Run(kBatchClaim, {keys[0], keys[1], keys[2]}, arguments));
    if (found.array.size() != end - begin) {
      return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_JOB", absl::StrCat("no job ", job));
    }
    for (const Reply& each : found.array) tokens.push_back(each.string);
  }
  return tokens;
}

absl::StatusOr<bool> JobBatches::IsDurable(int64_t claimed_ms) {
  QUERN_ASSIGN_OR_RETURN(const int64_t now_ms, clock_.NowMs());
  // The clock speaks of what was written strictly before its time.
  if (now_ms <= claimed_ms) return false;
  if (claimed_ms > hastened_ms_) {
    hastened_ms_ = now_ms - 1;
    QUERN_RETURN_IF_ERROR(clock_.Hasten());
  }
  QUERN_ASSIGN_OR_RETURN(const int64_t until_ms, clock_.DurableUntilMs());
  return until_ms > claimed_ms;
}

absl::StatusOr<JobBatches::Held> JobBatches::Hold(const std::string& job, const std::string& token) {
  QUERN_ASSIGN_OR_RETURN(const Reply held, redis_.Run(kBatchHold, {BatchesKey(job)}, {token, owner_, dead_after_ms_}));
  if (held.array.size() != 2) {
    return MakeError(absl::StatusCode::kInternal, "UNEXPECTED_REPLY", "batch_hold answers no pair");
  }
  return Held{held.array[0].string, held.array[1].string};
}

absl::Status JobBatches::SetSent(const std::string& job, const std::string& token, const std::string& id) {
  return redis_.Run(kBatchSent, {BatchesKey(job)}, {token, id}).status();
}

absl::StatusOr<std::vector<bool>> JobBatches::Settle(const std::string& job, const std::string& token,
                                                     const std::vector<std::string>& answered,
                                                     const std::vector<std::string>& unanswered) {
  std::vector<bool> told;
  const std::string key = BatchCallsKey(job);
  for (const auto* calls : {&answered, &unanswered}) {
    for (size_t begin = 0; begin < calls->size(); begin += kCallsAtOnce) {
      const size_t end = std::min(calls->size(), begin + kCallsAtOnce);
      const std::string count = absl::StrCat(calls == &answered ? end - begin : 0);
      std::vector<std::string_view> arguments = {token, count};
      arguments.insert(arguments.end(), calls->begin() + static_cast<int64_t>(begin),
                       calls->begin() + static_cast<int64_t>(end));
      QUERN_ASSIGN_OR_RETURN(const Reply marks, redis_.Run(kBatchSettle, {key}, arguments));
      for (const char mark : marks.string) told.push_back(mark == '1');
    }
  }
  if (told.size() == answered.size()) return told;
  return MakeError(absl::StatusCode::kInternal, "UNEXPECTED_REPLY", "batch_settle answers for other calls");
}

absl::Status JobBatches::Drop(const std::string& job, const std::string& token) {
  return redis_
      .Command({"HDEL", BatchesKey(job), token + " owner", token + " endpoint", token + " touched_ms", token + " id"})
      .status();
}

absl::StatusOr<std::vector<JobBatches::Sent>> JobBatches::AllSent(const std::string& job) {
  QUERN_ASSIGN_OR_RETURN(const Reply stored, redis_.Command({"HGETALL", BatchesKey(job)}));
  std::map<std::string, Sent> by_token;
  for (size_t i = 0; i + 1 < stored.array.size(); i += 2) {
    const std::string& name = stored.array[i].string;
    const size_t space = name.find(' ');
    if (space == std::string::npos) continue;
    Sent& sent = by_token[name.substr(0, space)];
    if (name.substr(space + 1) == "endpoint") sent.endpoint = stored.array[i + 1].string;
    if (name.substr(space + 1) == "id") sent.id = stored.array[i + 1].string;
  }
  std::vector<Sent> all;
  for (auto& [token, sent] : by_token) {
    if (sent.id.empty()) continue;
    sent.token = token;
    all.push_back(std::move(sent));
  }
  return all;
}

}  // namespace quern::queue
