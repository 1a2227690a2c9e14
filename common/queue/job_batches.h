#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/queue/durability_clock.h"
#include "common/queue/redis.h"

namespace quern::queue {

// Which calls of jobs are in which batches at a provider, kept in Redis for all processes and for the time after a
// crash. Goes with its job, and by itself 30 days after the job's last batch was made. Some 150 bytes a call. Blocks
// for round trips. Thread-compatible; owns two connections.
class JobBatches {
 public:
  // `owner` is unique among all processes. With redis.exclusive all other owners are known to be dead.
  JobBatches(RedisOptions redis, std::string owner);

  // The state of the job, or UNSPECIFIED when it is gone.
  absl::StatusOr<int> StateOf(const std::string& job);

  // See batch_claim.lua. An empty token only looks. NOT_FOUND: the job is gone.
  absl::StatusOr<std::vector<std::string>> Claim(const std::string& job, const std::string& token,
                                                 const std::string& endpoint, const std::vector<std::string>& calls);

  // Redis' time, and whether all that was claimed until that time survives a crash of its machine.
  absl::StatusOr<int64_t> NowMs() { return clock_.NowMs(); }
  absl::StatusOr<bool> IsDurable(int64_t claimed_ms);

  struct Held {
    // See batch_hold.lua.
    std::string who;
    std::string id;
  };
  absl::StatusOr<Held> Hold(const std::string& job, const std::string& token);
  absl::Status SetSent(const std::string& job, const std::string& token, const std::string& id);

  // For each answered call whether its reply had been taken before.
  absl::StatusOr<std::vector<bool>> Settle(const std::string& job, const std::string& token,
                                           const std::vector<std::string>& answered,
                                           const std::vector<std::string>& unanswered);
  absl::Status Drop(const std::string& job, const std::string& token);

  struct Sent {
    std::string token;
    std::string endpoint;
    std::string id;
  };
  absl::StatusOr<std::vector<Sent>> AllSent(const std::string& job);

 private:
  const std::string owner_;
  const std::string dead_after_ms_;
  Redis redis_;
  DurabilityClock clock_;
  // What was claimed up to then has been hastened.
  int64_t hastened_ms_ = 0;
};

}  // namespace quern::queue
