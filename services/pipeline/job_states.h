#pragma once

#include "quern/v1/job.pb.h"

namespace quern::pipeline {

// Nothing of the job is in flight any more, and its dataset is about to be final, or is.
inline bool HasEnded(v1::JobState state) {
  return state == v1::JOB_STATE_COMPLETED || state == v1::JOB_STATE_CANCELLED;
}

}  // namespace quern::pipeline
