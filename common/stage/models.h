#pragma once

#include <memory>
#include <string>

#include "common/llm/hub.h"
#include "common/llm/ledger.h"
#include "common/queue/job_spend.h"
#include "common/queue/rate_buckets.h"
#include "common/service/model_metrics.h"

namespace quern::stage {

// Everything that the stages of one process need to ask models: the hub, with its metrics, and with the jobs' spending
// and the limits per minute in Redis. Thread-safe.
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
    absl::Status Check(const std::string& job) override;

   private:
    queue::JobSpend spend_;
  };

  // Keeps limits per minute in Redis.
  class RedisRateLimits : public llm::RateLimits {
   public:
    explicit RedisRateLimits(const queue::RedisOptions& redis) : buckets_(redis) {}
    absl::StatusOr<Granted> Take(const llm::RateAccount& account, absl::Span<const uint64_t> tokens,
                                 int64_t correction) override;

   private:
    queue::RateBuckets buckets_;
  };

  RedisLedger ledger_;
  RedisRateLimits limits_;
  service::ModelMetrics metrics_;
  llm::Hub hub_;
};

}  // namespace quern::stage
