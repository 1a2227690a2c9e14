#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/batch/desk.h"
#include "common/llm/hub.h"
#include "common/llm/ledger.h"
#include "common/llm/reply_cache.h"
#include "common/queue/job_spend.h"
#include "common/queue/rate_buckets.h"
#include "common/service/model_metrics.h"
#include "common/stage/hub_watch.h"
#include "quern/v1/config.pb.h"

namespace quern::stage {

// Opens the reply cache that a process is configured with; null where it has none. FAILED_PRECONDITION, reason
// INVALID_CONFIG: the folder cannot be used.
absl::StatusOr<std::shared_ptr<llm::ReplyCache>> OpenReplyCache(const v1::ReplyCacheConfig& config);

// Everything that the stages of one process need to ask models: the hub, with its metrics, with the jobs' spending,
// the limits per minute and the batches in Redis, and with the replies that are kept. Thread-safe.
class Models {
 public:
  // `metrics` outlives it. `replies` may be null; it is shared with whoever opened it early, to tell of a bad folder
  // before anything begins. `observer` is told what the metrics are told; null for nobody; outlives it. `key_dir` is
  // the configuration's models.key_dir.
  Models(const queue::RedisOptions& redis, service::Metrics* metrics, std::shared_ptr<llm::ReplyCache> replies,
         llm::CallObserver* observer = nullptr, std::string key_dir = "");
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
    absl::StatusOr<Room> Reserve(const std::string& job, const v1::ModelUsage& most) override;
    void Release(const std::string& job, const v1::ModelUsage& most) override;
    absl::Status CheckWith(const std::string& job, const v1::ModelUsage& under_way) override;

   private:
    struct Reserved {
      v1::ModelUsage usage;
      uint64_t calls = 0;
    };
    struct Attempt {
      // There was room beside what other calls have reserved.
      bool reserved;
      uint64_t others;
    };
    // The job's standing is known.
    absl::StatusOr<Attempt> TryReserve(const std::string& job, const v1::ModelUsage& most);

    queue::JobSpend spend_;
    absl::Mutex mutex_;
    // By job that has a budget.
    absl::flat_hash_map<std::string, Reserved> reserved_ ABSL_GUARDED_BY(mutex_);
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

  // Tells the metrics and one more.
  class Observers : public llm::CallObserver {
   public:
    Observers(llm::CallObserver* metrics, llm::CallObserver* more) : metrics_(metrics), more_(more) {}
    void Observe(const llm::CallReport& report) override;
    void ObserveReuse(const llm::ReuseReport& report) override;

   private:
    llm::CallObserver* const metrics_;
    llm::CallObserver* const more_;
  };

  RedisLedger ledger_;
  RedisRateLimits limits_;
  service::ModelMetrics metrics_;
  Observers observers_;
  const std::shared_ptr<llm::ReplyCache> replies_;
  batch::Desk desk_;
  llm::Hub hub_;
  HubWatch watch_;
};

}  // namespace quern::stage
