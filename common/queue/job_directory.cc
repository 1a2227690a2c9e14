#include "common/queue/job_directory.h"

#include <algorithm>

#include "common/base/error.h"
#include "common/queue/fields.h"
#include "common/queue/queue_limits.h"

namespace quern::queue {
JobDirectory::JobDirectory(v1::StageName stage, std::shared_ptr<ServerClock> clock)
    : stage_(stage), clock_(std::move(clock)) {}

absl::Status JobDirectory::Refresh(Redis& redis) {
  QUERN_ASSIGN_OR_RETURN(Jobs jobs, ReadJobs(redis));
  std::vector<std::shared_ptr<Lane>> lanes;
  for (const auto& [id, known] : jobs) {
    const std::shared_ptr<RunningJob>& job = known.job;
    for (const auto& lane : lanes_) {
      if (lane->job == job) lanes.push_back(lane);
    }
    if (!lanes.empty() && lanes.back()->job == job) continue;
    for (uint32_t index = 0; index < LanesOf(*job->spec()); ++index) {
      lanes.push_back(std::make_shared<Lane>(job, index, stage_, clock_));
    }
  }
  QUERN_ASSIGN_OR_RETURN(const std::vector<v1::JobState> states, ReadStates(redis, lanes));
  QUERN_RETURN_IF_ERROR(Renew(redis, &jobs));
  for (size_t i = 0; i < lanes.size(); ++i) lanes[i]->state = states[i];
  jobs_ = std::move(jobs);
  // Those that left keep the state that was read last; entries of theirs that are still waiting find out by it.
  for (const auto& old : lanes_) {
    if (std::find(lanes.begin(), lanes.end(), old) == lanes.end()) old->state = v1::JOB_STATE_DELETING;
  }
  lanes_ = std::move(lanes);
  return absl::OkStatus();
}

absl::StatusOr<JobDirectory::Jobs> JobDirectory::ReadJobs(Redis& redis) {
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> now, redis.Pipeline({{"TIME"}, {"SMEMBERS", kActiveKey}}));
  for (const Reply& reply : now) {
    if (reply.type == Reply::Type::kError) return ErrorOf(reply);
  }
  clock_->Set(NumberOf(now[0].array[0]) * 1000 + NumberOf(now[0].array[1]) / 1000);
  std::vector<std::string> keys;
  std::vector<std::vector<std::string_view>> commands;
  for (const Reply& id : now[1].array) keys.push_back(JobKey(id.string));
  for (const std::string& key : keys) commands.push_back({"HGET", key, "created_ms"});
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> created, redis.Pipeline(commands));
  Jobs jobs;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (created[i].type == Reply::Type::kError) return ErrorOf(created[i]);
    const std::string& id = now[1].array[i].string;
    const auto known = jobs_.find(id);
    if (known == jobs_.end()) {
      QUERN_ASSIGN_OR_RETURN(const std::optional<Known> fresh, ReadJob(redis, id));
      if (fresh) jobs[id] = *fresh;
    } else if (known->second.job->created_ms == created[i].string) {
      jobs[id] = known->second;
    }
    // Otherwise a new job has taken the id of one that was deleted; the next refresh reads it.
  }
  return jobs;
}

absl::StatusOr<std::optional<JobDirectory::Known>> JobDirectory::ReadJob(Redis& redis, const std::string& id) {
  const std::string key = JobKey(id);
  QUERN_ASSIGN_OR_RETURN(const Reply read, redis.Command({"HMGET", key, "created_ms", "spec_version", "spec"}));
  auto spec = std::make_shared<v1::JobSpec>();
  const std::string& created_ms = read.array[0].string;
  if (created_ms.empty() || !spec->ParseFromString(read.array[2].string)) return std::nullopt;
  return Known{std::make_shared<RunningJob>(id, created_ms, std::move(spec)), read.array[1].string};
}

absl::Status JobDirectory::Renew(Redis& redis, Jobs* jobs) {
  std::vector<std::string> keys;
  std::vector<std::vector<std::string_view>> commands;
  for (const auto& [id, known] : *jobs) keys.push_back(JobKey(id));
  for (const std::string& key : keys) commands.push_back({"HMGET", key, "created_ms", "spec_version", "resumed_ms"});
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis.Pipeline(commands));
  size_t at = 0;
  for (auto& [id, known] : *jobs) {
    const Reply& now = replies[at++];
    if (now.type == Reply::Type::kError) return ErrorOf(now);
    if (now.array[0].string != known.job->created_ms) continue;
    bool mended = known.job->resumed_ms.exchange(NumberOf(now.array[2])) != NumberOf(now.array[2]);
    if (now.array[1].string != known.spec_version) {
      QUERN_ASSIGN_OR_RETURN(const std::optional<Known> fresh, ReadJob(redis, id));
      if (!fresh || fresh->job->created_ms != known.job->created_ms) continue;
      known.job->SetSpec(fresh->job->spec());
      known.spec_version = fresh->spec_version;
      mended = true;
    }
    // What the job was held for is gone.
    if (mended) known.job->hold->End();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::JobState>> JobDirectory::ReadStates(Redis& redis,
                                                                   const std::vector<std::shared_ptr<Lane>>& lanes) {
  std::vector<std::vector<std::string_view>> commands;
  for (const auto& lane : lanes) commands.push_back({"HGET", lane->keys.state, "state"});
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis.Pipeline(commands));
  std::vector<v1::JobState> states;
  for (const Reply& reply : replies) {
    if (reply.type == Reply::Type::kError) return ErrorOf(reply);
    states.push_back(static_cast<v1::JobState>(NumberOf(reply)));
  }
  return states;
}

}  // namespace quern::queue
