#include "common/queue/job_pause.h"

#include <spdlog/spdlog.h>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/queue/fields.h"
#include "common/queue/keys.h"
#include "common/queue/queue_limits.h"
#include "common/queue/scripts.h"

namespace quern::queue {

absl::Status PauseRunningJob(Redis& redis, const RunningJob& job, std::string_view reason, int64_t learned_ms) {
  QUERN_ASSIGN_OR_RETURN(const Reply resumed, redis.Command({"HGET", JobKey(job.id), "resumed_ms"}));
  if (resumed.type == Reply::Type::kString && NumberOf(resumed) > learned_ms) return absl::OkStatus();
  const std::string running = absl::StrFormat("%d", v1::JOB_STATE_RUNNING);
  const std::string paused = absl::StrFormat("%d", v1::JOB_STATE_PAUSED);
  bool told = false;
  for (uint32_t lane = 0; lane < LanesOf(*job.spec()); ++lane) {
    const std::string key = LaneKeys(job.id, lane).state;
    QUERN_ASSIGN_OR_RETURN(const Reply state, redis.Command({"HGET", key, "state"}));
    if (state.string != running) continue;
    // The reason comes first: a paused job without one would look like a person's doing.
    if (!told) QUERN_RETURN_IF_ERROR(redis.Run(kJobSet, {JobKey(job.id)}, {"reason", reason}).status());
    told = true;
    QUERN_RETURN_IF_ERROR(redis.Run(kSetState, {key}, {paused, running, "state"}).status());
  }
  if (told) {
    spdlog::warn("queue: job {} is paused until somebody acts reason=\"{}\"", job.id, reason);
  }
  return absl::OkStatus();
}

}  // namespace quern::queue
