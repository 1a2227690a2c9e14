#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/queue/lane.h"
#include "common/queue/redis.h"

namespace quern::queue {

// The lanes of all active jobs, as one stage's consumer needs them. Thread-compatible.
class JobDirectory {
 public:
  JobDirectory(v1::StageName stage, std::shared_ptr<ServerClock> clock);

  // Reads the active jobs, their lanes' states, then their specs where they are new or have changed, and Redis' time:
  // who corrects a job does so before resuming it. On an error everything stays as it was.
  absl::Status Refresh(Redis& redis);

  // A lane stays the same object while its job is active.
  const std::vector<std::shared_ptr<Lane>>& lanes() const { return lanes_; }

 private:
  struct Known {
    std::shared_ptr<RunningJob> job;
    // Of the spec that it has.
    std::string spec_version;
  };
  using Jobs = std::map<std::string, Known>;

  absl::StatusOr<Jobs> ReadJobs(Redis& redis);
  // Nullopt: it is gone.
  static absl::StatusOr<std::optional<Known>> ReadJob(Redis& redis, const std::string& id);
  static absl::StatusOr<std::vector<v1::JobState>> ReadStates(Redis& redis,
                                                              const std::vector<std::shared_ptr<Lane>>& lanes);
  // Gives the jobs the specs that they have now, and ends what a resume or another spec has ended.
  static absl::Status Renew(Redis& redis, Jobs* jobs);

  const v1::StageName stage_;
  const std::shared_ptr<ServerClock> clock_;
  Jobs jobs_;
  std::vector<std::shared_ptr<Lane>> lanes_;
};

}  // namespace quern::queue
