#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/queue/lane.h"
#include "common/queue/redis.h"

namespace quern::queue {

// Pauses a job that runs, in all its lanes, with a reason that people read in its state. A job that is paused already,
// by a person or for an earlier reason, keeps its own; one that has ended or is gone is left alone, and so is one that
// was resumed after `learned_ms` (Redis' clock): what was learned before may be mended. Safe to repeat.
absl::Status PauseRunningJob(Redis& redis, const RunningJob& job, std::string_view reason, int64_t learned_ms);

}  // namespace quern::queue
