#pragma once

#include "common/queue/redis.h"
#include "quern/v1/job.pb.h"

namespace quern::queue {

// Adds what snapshot.lua told about one lane to a job's counts.
void AddLaneCounts(const Reply& snapshot, v1::JobCounts* counts);

// Sets `reconciles` from both equations, whose in-flight terms are counters of their own, and sorts the lists.
void FinishCounts(v1::JobCounts* counts);

}  // namespace quern::queue
