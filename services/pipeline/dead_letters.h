#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/pipeline.pb.h"
#include "services/pipeline/jobs.h"

namespace quern::pipeline {

// A job's dead letters: read from its dataset, where they stay, less those that Redis knows to be redriven. Blocking;
// thread-safe.
class DeadLetters {
 public:
  // `jobs` outlives it.
  explicit DeadLetters(Jobs* jobs) : jobs_(jobs) {}

  // A page may end early where letters are large.
  absl::StatusOr<v1::ListDeadLettersResponse> List(const v1::ListDeadLettersRequest& request);

  // Besides the contract: NOT_FOUND, reason NO_SUCH_DEAD_LETTER, when ids are given and the dataset has none of them.
  absl::StatusOr<v1::RedriveDeadLettersResponse> Redrive(const v1::RedriveDeadLettersRequest& request);

 private:
  Jobs* const jobs_;
};

}  // namespace quern::pipeline
