#include "common/stage/models.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/stage/batch_store.h"

namespace quern::stage {
namespace {

absl::Status Within(const queue::JobSpend::Standing& standing) {
  const v1::BudgetSpec& budget = standing.budget;
  const v1::ModelUsage& spent = standing.spent;
  const uint64_t tokens = spent.input_tokens() + spent.output_tokens();
  if (budget.max_tokens() > 0 && tokens >= budget.max_tokens()) {
    return MakeError(absl::StatusCode::kResourceExhausted, "BUDGET_SPENT",
                     absl::StrCat("the job has spent ", tokens, " of its ", budget.max_tokens(),
                                  " tokens; raise the cap and resume it"));
  }
  if (budget.max_cost() > 0 && spent.cost() >= budget.max_cost()) {
    return MakeError(absl::StatusCode::kResourceExhausted, "BUDGET_SPENT",
                     absl::StrFormat("the job has spent %.2f of its %.2f %s; raise the cap and resume it", spent.cost(),
                                     budget.max_cost(), budget.currency().empty() ? "USD" : budget.currency()));
  }
  return absl::OkStatus();
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

absl::Status Models::RedisLedger::CheckWith(const std::string& job, const v1::ModelUsage& under_way) {
  QUERN_ASSIGN_OR_RETURN(queue::JobSpend::Standing standing, spend_.Total(job));
  v1::ModelUsage& spent = standing.spent;
  spent.set_input_tokens(spent.input_tokens() + under_way.input_tokens());
  spent.set_cost(spent.cost() + under_way.cost());
  return Within(standing);
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
