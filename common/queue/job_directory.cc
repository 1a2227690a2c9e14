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
  for (const auto& [id, job] : jobs) {
    for (const auto& lane : lanes_) {
      if (lane->job == job) lanes.push_back(lane);
    }
    if (!lanes.empty() && lanes.back()->job == job) continue;
    for (uint32_t index = 0; index < LanesOf(*job->spec); ++index) {
      lanes.push_back(std::make_shared<Lane>(job, index, stage_, clock_));
    }
  }
  QUERN_RETURN_IF_ERROR(ReadStates(redis, lanes));
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
  for (const Reply& id : now[1].array) keys.push_back(JobKey(id.string));
  std::vector<std::vector<std::string_view>> commands;
  for (size_t i = 0; i < keys.size(); ++i) {
    // The spec of a job never changes, but a new job may take the id of one that was deleted.
    commands.push_back({"HGET", keys[i], "created_ms"});
    if (!jobs_.contains(now[1].array[i].string)) commands.push_back({"HGET", keys[i], "spec"});
  }
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis.Pipeline(commands));
  Jobs jobs;
  size_t at = 0;
  for (const Reply& id : now[1].array) {
    const std::string& created_ms = replies[at++].string;
    const auto known = jobs_.find(id.string);
    if (known != jobs_.end()) {
      // Otherwise the next refresh reads the new job.
      if (known->second->created_ms == created_ms) jobs.insert(*known);
      continue;
    }
    auto spec = std::make_shared<v1::JobSpec>();
    if (!created_ms.empty() && spec->ParseFromString(replies[at].string)) {
      jobs[id.string] = std::make_shared<RunningJob>(RunningJob{id.string, created_ms, std::move(spec)});
    }
    ++at;
  }
  return jobs;
}

absl::Status JobDirectory::ReadStates(Redis& redis, const std::vector<std::shared_ptr<Lane>>& lanes) {
  std::vector<std::vector<std::string_view>> commands;
  for (const auto& lane : lanes) commands.push_back({"HGET", lane->keys.state, "state"});
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis.Pipeline(commands));
  for (size_t i = 0; i < lanes.size(); ++i) {
    if (replies[i].type == Reply::Type::kError) return ErrorOf(replies[i]);
    lanes[i]->state = static_cast<v1::JobState>(NumberOf(replies[i]));
  }
  return absl::OkStatus();
}

}  // namespace quern::queue
