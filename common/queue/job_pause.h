#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/queue/lane.h"
#include "common/queue/redis.h"

namespace quern::queue {

// Pauses a job that runs, in all its lanes, with a reason that people read in its state. A job that is paused already,
// by a person or for an earlier reason, keeps its own; one that has ended or is gone is left alone. Safe to repeat.
absl::Status PauseRunningJob(Redis& redis, const RunningJob& job, std::string_view reason);

}  // namespace quern::queue
