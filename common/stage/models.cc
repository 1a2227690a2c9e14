#include "common/stage/models.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"
#include "common/stage/batch_store.h"

namespace quern::stage {
namespace {

uint64_t Tokens(const v1::ModelUsage& usage) { return usage.input_tokens() + usage.output_tokens(); }

// Cents of a cent are told where they are what is at stake.
std::string Money(double amount) { return absl::StrFormat("%.*f", amount < 1 ? 4 : 2, amount); }

absl::Status Spent(std::string_view spent, std::string_view cap, std::string_view unit, std::string_view next) {
  return MakeError(absl::StatusCode::kResourceExhausted, "BUDGET_SPENT",
                   absl::StrCat("the job has spent ", AbslView(spent), " of its ", AbslView(cap), " ", AbslView(unit),
                                AbslView(next), "; raise the cap and resume it"));
}

// Whether the budget has room for `more` beside what was spent. RESOURCE_EXHAUSTED, reason BUDGET_SPENT: it has not.
absl::Status Within(const queue::JobSpend::Standing& standing, const v1::ModelUsage& more = {}) {
  const v1::BudgetSpec& budget = standing.budget;
  const uint64_t tokens = Tokens(standing.spent);
  if (budget.max_tokens() > 0 && tokens + Tokens(more) >= budget.max_tokens()) {
    const bool spent = tokens >= budget.max_tokens();
    return Spent(absl::StrCat(tokens), absl::StrCat(budget.max_tokens()), "tokens",
                 spent ? "" : absl::StrCat(", and the next call may take ", Tokens(more)));
  }
  const double cost = standing.spent.cost();
  if (budget.max_cost() > 0 && cost + more.cost() >= budget.max_cost()) {
    const bool spent = cost >= budget.max_cost();
    return Spent(Money(cost), Money(budget.max_cost()), budget.currency().empty() ? "USD" : budget.currency(),
                 spent ? "" : absl::StrCat(", and the next call may take ", Money(more.cost())));
  }
  return absl::OkStatus();
}

bool HasCap(const v1::BudgetSpec& budget) { return budget.max_tokens() > 0 || budget.max_cost() > 0; }

v1::ModelUsage Sum(const v1::ModelUsage& a, const v1::ModelUsage& b) {
  v1::ModelUsage sum;
  sum.set_input_tokens(a.input_tokens() + b.input_tokens());
  sum.set_output_tokens(a.output_tokens() + b.output_tokens());
  sum.set_cost(a.cost() + b.cost());
  return sum;
}

v1::ModelUsage Difference(const v1::ModelUsage& a, const v1::ModelUsage& b) {
  v1::ModelUsage difference;
  difference.set_input_tokens(a.input_tokens() - b.input_tokens());
  difference.set_output_tokens(a.output_tokens() - b.output_tokens());
  difference.set_cost(a.cost() - b.cost());
  return difference;
}

}  // namespace

absl::StatusOr<std::shared_ptr<llm::ReplyCache>> OpenReplyCache(const v1::ReplyCacheConfig& config) {
  if (config.path().empty()) return nullptr;
  llm::ReplyCacheOptions options;
  options.folder = config.path();
  if (config.has_max_bytes()) options.max_bytes = config.max_bytes();
  QUERN_ASSIGN_OR_RETURN(std::unique_ptr<llm::ReplyCache> replies, llm::ReplyCache::Open(options));
  return std::shared_ptr<llm::ReplyCache>(std::move(replies));
}

void Models::RedisLedger::Add(const std::string& job, std::string_view stage, std::string_view model,
                              const v1::ModelUsage& usage) {
  spend_.Add(job, stage, model, usage);
}

absl::Status Models::RedisLedger::Check(const std::string& job) {
  QUERN_ASSIGN_OR_RETURN(queue::JobSpend::Standing standing, spend_.Total(job));
  if (Within(standing).ok()) return absl::OkStatus();
  // It may have been raised since.
  QUERN_ASSIGN_OR_RETURN(standing, spend_.AskTotal(job));
  return Within(standing);
}

absl::StatusOr<llm::Ledger::Room> Models::RedisLedger::Reserve(const std::string& job, const v1::ModelUsage& most) {
  QUERN_ASSIGN_OR_RETURN(queue::JobSpend::Standing standing, spend_.Total(job));
  if (!HasCap(standing.budget)) return Room::kUncapped;
  QUERN_ASSIGN_OR_RETURN(Attempt attempt, TryReserve(job, most));
  if (attempt.reserved) return Room::kReserved;
  if (Within(standing).ok() && attempt.others > 0) return Room::kNone;
  // It may have been raised since.
  QUERN_ASSIGN_OR_RETURN(standing, spend_.AskTotal(job));
  QUERN_ASSIGN_OR_RETURN(attempt, TryReserve(job, most));
  if (attempt.reserved) return Room::kReserved;
  QUERN_RETURN_IF_ERROR(Within(standing, attempt.others == 0 ? most : v1::ModelUsage()));
  return Room::kNone;
}

absl::StatusOr<Models::RedisLedger::Attempt> Models::RedisLedger::TryReserve(const std::string& job,
                                                                             const v1::ModelUsage& most) {
  absl::MutexLock lock(&mutex_);
  // Known by now, so nothing blocks. Read under the lock: who has released has added before what was taken.
  QUERN_ASSIGN_OR_RETURN(const queue::JobSpend::Standing standing, spend_.Total(job));
  const auto known = reserved_.find(job);
  Reserved reserved = known == reserved_.end() ? Reserved() : known->second;
  reserved.usage = Sum(reserved.usage, most);
  if (!Within(standing, reserved.usage).ok()) return Attempt{false, reserved.calls};
  const uint64_t others = reserved.calls++;
  reserved_[job] = std::move(reserved);
  return Attempt{true, others};
}

void Models::RedisLedger::Release(const std::string& job, const v1::ModelUsage& most) {
  absl::MutexLock lock(&mutex_);
  const auto reserved = reserved_.find(job);
  reserved->second.usage = Difference(reserved->second.usage, most);
  // So that no rounding is left of the cost.
  if (--reserved->second.calls == 0) reserved_.erase(reserved);
}

absl::Status Models::RedisLedger::CheckWith(const std::string& job, const v1::ModelUsage& under_way) {
  QUERN_ASSIGN_OR_RETURN(const queue::JobSpend::Standing standing, spend_.Total(job));
  absl::MutexLock lock(&mutex_);
  const auto reserved = reserved_.find(job);
  return Within(standing, reserved == reserved_.end() ? under_way : Sum(reserved->second.usage, under_way));
}

absl::StatusOr<llm::RateLimits::Granted> Models::RedisRateLimits::Take(const llm::RateAccount& account,
                                                                       absl::Span<const uint64_t> tokens,
                                                                       int64_t correction) {
  QUERN_ASSIGN_OR_RETURN(
      const queue::RateBuckets::Taken taken,
      buckets_.Take(account.id, account.calls_per_minute, account.tokens_per_minute, tokens, correction));
  return Granted{taken.calls, taken.wait};
}

void Models::Observers::Observe(const llm::CallReport& report) {
  metrics_->Observe(report);
  if (more_ != nullptr) more_->Observe(report);
}

void Models::Observers::ObserveReuse(const llm::ReuseReport& report) {
  metrics_->ObserveReuse(report);
  if (more_ != nullptr) more_->ObserveReuse(report);
}

Models::Models(const queue::RedisOptions& redis, service::Metrics* metrics, std::shared_ptr<llm::ReplyCache> replies,
               llm::CallObserver* observer, std::string key_dir)
    : ledger_(redis),
      limits_(redis),
      metrics_(metrics),
      observers_(&metrics_, observer),
      replies_(std::move(replies)),
      desk_(MakeBatchStore(redis)),
      hub_(&ledger_, &observers_, &limits_, replies_.get(), &desk_, std::move(key_dir)),
      watch_(redis, &hub_) {
  metrics_.WatchHub(&hub_);
}

Models::~Models() { metrics_.ForgetHub(); }

}  // namespace quern::stage
