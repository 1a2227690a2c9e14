#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/queue/redis.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/llm.pb.h"

namespace quern::queue {

// What jobs spend on calls to models, kept in Redis by all processes together. What is added is sent every 100 ms, so a
// process that is killed takes at most that much of the account with it; a Redis that is away is waited for. Owns a
// thread and a connection. Thread-safe.
class JobSpend {
 public:
  explicit JobSpend(RedisOptions redis);
  // Sends what is left, trying for a second.
  ~JobSpend();

  void Add(const std::string& job, std::string_view stage, std::string_view model, const v1::ModelUsage& usage);

  // What a job has spent, and its caps.
  struct Standing {
    v1::ModelUsage spent;
    v1::BudgetSpec budget;
  };

  // All tokens and the cost of the job by now: as Redis told last, and what was added here since. The first call for a
  // job asks Redis, and blocks for it. UNAVAILABLE: Redis is away.
  absl::StatusOr<Standing> Total(const std::string& job);
  // The same, as Redis tells now. Blocks.
  absl::StatusOr<Standing> AskTotal(const std::string& job);

 private:
  struct Account {
    // Of all processes, as Redis told last.
    Standing told;
    // Added here, and not in `told` yet.
    v1::ModelUsage since;
    // When Redis told; it is asked again once that is old and somebody wants to know.
    absl::Time told_at = absl::InfinitePast();
    bool wanted = false;
  };
  using Key = std::tuple<std::string, std::string, std::string>;

  void Work();
  // Sends what waits, and keeps it when that fails. Then asks for the totals that it changed or that are wanted anew.
  absl::Status Flush();
  void Refresh(const std::map<std::string, v1::ModelUsage>& sent_by_job);
  std::optional<Standing> Known(const std::string& job) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, Account> accounts_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, v1::ModelUsage> waiting_ ABSL_GUARDED_BY(mutex_);
  // The sender's own.
  Redis redis_;
  // Of callers that wait for Redis.
  absl::Mutex asking_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  Redis asking_redis_ ABSL_GUARDED_BY(asking_mutex_);
  std::thread thread_;
};

// What a job has spent, by stage and model; the hash at SpendKey. For JobStore.
absl::StatusOr<std::vector<v1::StageUsage>> ReadSpend(Redis& redis, const std::string& job);

}  // namespace quern::queue
