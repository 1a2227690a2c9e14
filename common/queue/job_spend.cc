#include "common/queue/job_spend.h"

#include <spdlog/spdlog.h>

#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"
#include "common/queue/keys.h"
#include "common/queue/scripts.h"

namespace quern::queue {
namespace {

constexpr absl::Duration kSendEvery = absl::Milliseconds(100);
// Others' spending shows after this long and a turn of the sender.
constexpr absl::Duration kTotalIsOld = absl::Milliseconds(500);
constexpr absl::Duration kLastChance = absl::Seconds(1);
// Redis adds whole numbers exactly, and others not: money is kept in billionths.
constexpr double kNano = 1e9;

struct SpendField {
  const char* name;
  uint64_t (*get)(const v1::ModelUsage&);
  void (*set)(v1::ModelUsage*, uint64_t);
};

constexpr std::array<SpendField, 8> kSpendFields = {{
    {"calls", [](const v1::ModelUsage& u) { return u.calls(); },
     [](v1::ModelUsage* u, uint64_t v) { u->set_calls(v); }},
    {"ambiguous", [](const v1::ModelUsage& u) { return u.ambiguous_calls(); },
     [](v1::ModelUsage* u, uint64_t v) { u->set_ambiguous_calls(v); }},
    {"retries", [](const v1::ModelUsage& u) { return u.retries(); },
     [](v1::ModelUsage* u, uint64_t v) { u->set_retries(v); }},
    {"input", [](const v1::ModelUsage& u) { return u.input_tokens(); },
     [](v1::ModelUsage* u, uint64_t v) { u->set_input_tokens(v); }},
    {"cached", [](const v1::ModelUsage& u) { return u.cached_tokens(); },
     [](v1::ModelUsage* u, uint64_t v) { u->set_cached_tokens(v); }},
    {"output", [](const v1::ModelUsage& u) { return u.output_tokens(); },
     [](v1::ModelUsage* u, uint64_t v) { u->set_output_tokens(v); }},
    {"reused", [](const v1::ModelUsage& u) { return u.reused_replies(); },
     [](v1::ModelUsage* u, uint64_t v) { u->set_reused_replies(v); }},
    {"cost_nano", [](const v1::ModelUsage& u) { return static_cast<uint64_t>(std::llround(u.cost() * kNano)); },
     [](v1::ModelUsage* u, uint64_t v) { u->set_cost(static_cast<double>(v) / kNano); }},
}};

void AddTo(const v1::ModelUsage& usage, v1::ModelUsage* sum) {
  sum->set_cost(sum->cost() + usage.cost());
  for (const SpendField& field : kSpendFields) {
    if (std::string_view(field.name) == "cost_nano") continue;
    field.set(sum, field.get(*sum) + field.get(usage));
  }
}

// The hash's fields are "stage model field"; names hold no spaces.
void ReadField(std::string_view name, const std::string& value, std::map<std::string, v1::StageUsage>* by_model) {
  const std::vector<std::string> parts = absl::StrSplit(AbslView(name), ' ');
  uint64_t number = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(value, &number)) return;
  v1::StageUsage& usage = (*by_model)[parts[0] + " " + parts[1]];
  usage.set_stage(parts[0]);
  usage.set_model(parts[1]);
  for (const SpendField& field : kSpendFields) {
    if (parts[2] == field.name) field.set(usage.mutable_usage(), number);
  }
}

absl::StatusOr<JobSpend::Standing> ReadStanding(Redis& redis, const std::string& job) {
  QUERN_ASSIGN_OR_RETURN(const std::vector<v1::StageUsage> all, ReadSpend(redis, job));
  QUERN_ASSIGN_OR_RETURN(const Reply budget, redis.Command({"HGET", JobKey(job), "budget"}));
  JobSpend::Standing standing;
  for (const v1::StageUsage& usage : all) AddTo(usage.usage(), &standing.spent);
  if (!standing.budget.ParseFromString(budget.string)) {
    return MakeError(absl::StatusCode::kInternal, "BUDGET_UNREADABLE", "the budget of job " + job + " is damaged");
  }
  return standing;
}

}  // namespace

absl::StatusOr<std::vector<v1::StageUsage>> ReadSpend(Redis& redis, const std::string& job) {
  QUERN_ASSIGN_OR_RETURN(const Reply stored, redis.Command({"HGETALL", SpendKey(job)}));
  std::map<std::string, v1::StageUsage> by_model;
  for (size_t i = 0; i + 1 < stored.array.size(); i += 2) {
    ReadField(stored.array[i].string, stored.array[i + 1].string, &by_model);
  }
  std::vector<v1::StageUsage> all;
  for (auto& [name, usage] : by_model) all.push_back(std::move(usage));
  return all;
}

JobSpend::JobSpend(RedisOptions redis) : redis_(redis), asking_redis_(redis), thread_([this] { Work(); }) {}

JobSpend::~JobSpend() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void JobSpend::Add(const std::string& job, std::string_view stage, std::string_view model,
                   const v1::ModelUsage& usage) {
  absl::MutexLock lock(&mutex_);
  AddTo(usage, &waiting_[{job, std::string(stage), std::string(model)}]);
  AddTo(usage, &accounts_[job].since);
}

std::optional<JobSpend::Standing> JobSpend::Known(const std::string& job) {
  const auto at = accounts_.find(job);
  if (at == accounts_.end() || at->second.told_at == absl::InfinitePast()) return std::nullopt;
  at->second.wanted = true;
  Standing standing = at->second.told;
  AddTo(at->second.since, &standing.spent);
  return standing;
}

absl::StatusOr<JobSpend::Standing> JobSpend::Total(const std::string& job) {
  {
    absl::MutexLock lock(&mutex_);
    if (auto standing = Known(job)) return *std::move(standing);
  }
  return AskTotal(job);
}

absl::StatusOr<JobSpend::Standing> JobSpend::AskTotal(const std::string& job) {
  absl::MutexLock asking(&asking_mutex_);
  QUERN_ASSIGN_OR_RETURN(const Standing told, ReadStanding(asking_redis_, job));
  absl::MutexLock lock(&mutex_);
  Account& account = accounts_[job];
  account.told.budget = told.budget;
  // The sender knows what of `since` Redis has been told; what it was told is not put back.
  if (account.told_at == absl::InfinitePast()) {
    account.told = told;
    account.told_at = absl::Now();
  }
  return *Known(job);
}

void JobSpend::Work() {
  absl::Time give_up = absl::InfiniteFuture();
  while (true) {
    const absl::Status sent = Flush();
    absl::MutexLock lock(&mutex_);
    if (stopping_) give_up = std::min(give_up, absl::Now() + kLastChance);
    if (stopping_ && (waiting_.empty() || absl::Now() > give_up)) {
      if (!sent.ok()) spdlog::warn("queue: the last spending could not be kept error=\"{}\"", sent.ToString());
      return;
    }
    const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopping_; };
    mutex_.AwaitWithTimeout(absl::Condition(&stopping), kSendEvery);
  }
}

absl::Status JobSpend::Flush() {
  std::map<Key, v1::ModelUsage> sending;
  // By job: all that Redis knows of this process once `sending` is sent.
  std::map<std::string, v1::ModelUsage> since;
  {
    absl::MutexLock lock(&mutex_);
    sending.swap(waiting_);
    for (const auto& [key, usage] : sending) since[std::get<0>(key)] = accounts_[std::get<0>(key)].since;
    const absl::Time old = absl::Now() - kTotalIsOld;
    for (const auto& [job, account] : accounts_) {
      if (account.wanted && account.told_at < old) since[job] = account.since;
    }
  }
  absl::Status status;
  for (auto at = sending.begin(); at != sending.end(); at = sending.erase(at)) {
    const auto& [job, stage, model] = at->first;
    std::vector<std::string> arguments;
    for (const SpendField& field : kSpendFields) {
      const uint64_t value = field.get(at->second);
      if (value == 0) continue;
      arguments.push_back(absl::StrCat(stage, " ", model, " ", field.name));
      arguments.push_back(absl::StrCat(value));
    }
    std::vector<std::string_view> views(arguments.begin(), arguments.end());
    status = redis_.Run(kSpend, {JobKey(job), SpendKey(job)}, views).status();
    // Whether it was added is unknown after a lost connection; an account that is too high spends less, so it is sent
    // again.
    if (!status.ok()) break;
  }
  if (status.ok()) Refresh(since);
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, usage] : sending) AddTo(usage, &waiting_[key]);
  return status;
}

void JobSpend::Refresh(const std::map<std::string, v1::ModelUsage>& sent_by_job) {
  for (const auto& [job, sent] : sent_by_job) {
    absl::StatusOr<Standing> total = ReadStanding(redis_, job);
    if (!total.ok()) return;
    absl::MutexLock lock(&mutex_);
    Account& account = accounts_[job];
    account.told = *std::move(total);
    account.told_at = absl::Now();
    account.wanted = false;
    v1::ModelUsage left;
    left.set_cost(account.since.cost() - sent.cost());
    for (const SpendField& field : kSpendFields) {
      if (std::string_view(field.name) == "cost_nano") continue;
      field.set(&left, field.get(account.since) - field.get(sent));
    }
    account.since = left;
  }
}

}  // namespace quern::queue
