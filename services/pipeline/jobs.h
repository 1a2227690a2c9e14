#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/queue/job_store.h"
#include "common/queue/redis.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/pipeline.pb.h"
#include "services/pipeline/options.h"
#include "services/pipeline/sink.h"
#include "services/pipeline/spares.h"

namespace quern::pipeline {

// The life of jobs, as PipelineService offers it: checks of names, specs and states over queue::JobStore. Errors carry
// the codes and reasons of pipeline.proto. Blocking; thread-safe.
class Jobs {
 public:
  // `sink` outlives it.
  Jobs(const PipelineOptions& options, Sink* sink);

  // Stores the spec with its defaults filled in. Besides the contract: FAILED_PRECONDITION, reason DATASET_EXISTS, when
  // the job's folder holds rows of a job that Redis does not know.
  absl::StatusOr<v1::Job> Create(const v1::CreateJobRequest& request);
  absl::StatusOr<v1::Job> Get(const std::string& name);
  absl::StatusOr<v1::ListJobsResponse> List(const v1::ListJobsRequest& request);
  absl::StatusOr<v1::Job> Pause(const std::string& name);
  absl::StatusOr<v1::Job> Resume(const v1::ResumeJobRequest& request);
  absl::StatusOr<v1::Job> Cancel(const std::string& name);
  absl::StatusOr<v1::Job> CloseInput(const std::string& name);
  absl::Status Delete(const v1::DeleteJobRequest& request);

  const queue::RedisOptions& redis() const { return options_.redis; }
  // Where the dataset of a job is.
  std::string dataset_path(const std::string& job_id) const { return DatasetPath(options_, job_id); }
  // True when the job's folder holds a dataset of this job: it may have left Redis and can still be read.
  bool HasDatasetOf(const std::string& name) const;

 private:
  absl::StatusOr<v1::Job> SetState(const std::string& name, v1::JobState state);
  // Fills in what Redis does not know: today's folder, and what hinders the sink.
  void Complete(const std::string& job_id, v1::Job* job) const;

  const PipelineOptions options_;
  Sink* const sink_;
  Spares<queue::JobStore> stores_;
};

}  // namespace quern::pipeline
