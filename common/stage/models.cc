#include "common/stage/models.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace quern::stage {

void Models::RedisLedger::Add(const std::string& job, std::string_view stage, std::string_view model,
                              const v1::ModelUsage& usage) {
  spend_.Add(job, stage, model, usage);
}

absl::Status Models::RedisLedger::Check(const std::string& job, const v1::BudgetSpec& budget) {
  if (budget.max_tokens() == 0 && budget.max_cost() <= 0) return absl::OkStatus();
  QUERN_ASSIGN_OR_RETURN(const v1::ModelUsage spent, spend_.Total(job));
  const uint64_t tokens = spent.input_tokens() + spent.output_tokens();
  if (budget.max_tokens() > 0 && tokens >= budget.max_tokens()) {
    return MakeError(absl::StatusCode::kResourceExhausted, "BUDGET_SPENT",
                     absl::StrCat("the job has spent ", tokens, " of its ", budget.max_tokens(), " tokens"));
  }
  if (budget.max_cost() > 0 && spent.cost() >= budget.max_cost()) {
    return MakeError(absl::StatusCode::kResourceExhausted, "BUDGET_SPENT",
                     absl::StrFormat("the job has spent %.2f of its %.2f %s", spent.cost(), budget.max_cost(),
                                     budget.currency().empty() ? "USD" : budget.currency()));
  }
  return absl::OkStatus();
}

Models::Models(const queue::RedisOptions& redis, service::Metrics* metrics)
    : ledger_(redis), metrics_(metrics), hub_(&ledger_, &metrics_) {
  metrics_.WatchHub(&hub_);
}

Models::~Models() { metrics_.ForgetHub(); }

}  // namespace quern::stage
