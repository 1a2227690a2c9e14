#pragma once

#include <memory>
#include <string>

#include "common/llm/hub.h"
#include "common/llm/ledger.h"
#include "common/queue/job_spend.h"
#include "common/service/model_metrics.h"

namespace quern::stage {

// Everything that the stages of one process need to ask models: the hub, with its metrics and with the jobs' spending
// in Redis. Thread-safe.
class Models {
 public:
  // `metrics` outlives it.
  Models(const queue::RedisOptions& redis, service::Metrics* metrics);
  ~Models();

  llm::Hub* hub() { return &hub_; }

 private:
  // Keeps spending in Redis, and budgets.
  class RedisLedger : public llm::Ledger {
   public:
    explicit RedisLedger(const queue::RedisOptions& redis) : spend_(redis) {}
    void Add(const std::string& job, std::string_view stage, std::string_view model,
             const v1::ModelUsage& usage) override;
    absl::Status Check(const std::string& job, const v1::BudgetSpec& budget) override;

   private:
    queue::JobSpend spend_;
  };

  RedisLedger ledger_;
  service::ModelMetrics metrics_;
  llm::Hub hub_;
};

}  // namespace quern::stage
