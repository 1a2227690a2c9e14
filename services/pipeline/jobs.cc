#include "services/pipeline/jobs.h"

#include <memory>
#include <utility>

#include "common/base/config/job_spec.h"
#include "common/base/error.h"
#include "common/dataset/manifest.h"
#include "services/pipeline/dataset_folder.h"
#include "services/pipeline/job_states.h"
#include "services/pipeline/names.h"
#include "services/pipeline/token.h"

namespace quern::pipeline {
namespace {

constexpr std::string_view kListScope = "ListJobs";

// Makes a folder fit for a job that Redis does not know yet.
absl::Status TakeFolder(const std::string& folder, FolderUse use) {
  if (use == FolderUse::kRows) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "DATASET_EXISTS",
                     folder +
                         " holds the dataset of a job that Redis does not know; choose another job or folder, or "
                         "delete that dataset");
  }
  if (use == FolderUse::kNoRows) QUERN_RETURN_IF_ERROR(RemoveDataset(folder));
  return PrepareFolder(folder);
}

}  // namespace

Jobs::Jobs(const PipelineOptions& options, Sink* sink)
    : options_(options),
      sink_(sink),
      stores_([redis = options.redis] { return std::make_unique<queue::JobStore>(redis); }) {}

absl::StatusOr<v1::Job> Jobs::Create(const v1::CreateJobRequest& request) {
  const std::string& id = request.job_id();
  QUERN_RETURN_IF_ERROR(CheckJobId(id));
  QUERN_ASSIGN_OR_RETURN(const v1::JobSpec spec, config::ResolveJobSpec(request.spec()));
  auto store = stores_.Borrow();
  // The folder is looked at before Redis: rows that were there before Redis said that it has no such job belong to
  // another job, while rows that appear afterwards may come from this same request, sent twice.
  const std::string folder = dataset_path(id);
  QUERN_ASSIGN_OR_RETURN(const FolderUse use, UseOf(folder));
  const absl::StatusOr<v1::Job> existing = store->Get(id);
  if (!existing.ok() && !absl::IsNotFound(existing.status())) return existing.status();
  if (!existing.ok()) QUERN_RETURN_IF_ERROR(TakeFolder(folder, use));
  QUERN_ASSIGN_OR_RETURN(v1::Job job, store->Create(id, spec, folder));
  Complete(id, &job);
  sink_->Wake();
  return job;
}

absl::StatusOr<v1::Job> Jobs::Get(const std::string& name) {
  QUERN_ASSIGN_OR_RETURN(const std::string id, JobIdOf(name));
  QUERN_ASSIGN_OR_RETURN(v1::Job job, stores_.Borrow()->Get(id));
  Complete(id, &job);
  return job;
}

absl::StatusOr<v1::ListJobsResponse> Jobs::List(const v1::ListJobsRequest& request) {
  QUERN_ASSIGN_OR_RETURN(const size_t limit, PageLimit(request.page_size()));
  std::string after;
  if (!request.page_token().empty()) {
    QUERN_ASSIGN_OR_RETURN(after, DecodeToken(kListScope, request.page_token()));
  }
  QUERN_ASSIGN_OR_RETURN(std::vector<v1::Job> jobs, stores_.Borrow()->List(after, limit + 1));
  v1::ListJobsResponse response;
  const bool more = jobs.size() > limit;
  if (more) jobs.resize(limit);
  for (v1::Job& job : jobs) {
    QUERN_ASSIGN_OR_RETURN(after, JobIdOf(job.name()));
    Complete(after, &job);
    *response.add_jobs() = std::move(job);
  }
  if (more) response.set_next_page_token(EncodeToken(kListScope, after));
  return response;
}

absl::StatusOr<v1::Job> Jobs::Pause(const std::string& name) { return SetState(name, v1::JOB_STATE_PAUSED); }

absl::StatusOr<v1::Job> Jobs::Resume(const v1::ResumeJobRequest& request) {
  if (request.has_budget()) {
    QUERN_ASSIGN_OR_RETURN(const v1::Job job, Get(request.name()));
    v1::JobSpec spec = job.spec();
    *spec.mutable_budget() = job.budget();
    spec.mutable_budget()->MergeFrom(request.budget());
    QUERN_ASSIGN_OR_RETURN(spec, config::ResolveJobSpec(std::move(spec)));
    QUERN_RETURN_IF_ERROR(stores_.Borrow()->SetBudget(*JobIdOf(request.name()), spec.budget()));
  }
  return SetState(request.name(), v1::JOB_STATE_RUNNING);
}

absl::StatusOr<v1::Job> Jobs::Cancel(const std::string& name) {
  QUERN_ASSIGN_OR_RETURN(v1::Job job, Get(name));
  if (job.state() == v1::JOB_STATE_CANCELLED) return job;
  return SetState(name, v1::JOB_STATE_CANCELLING);
}

absl::StatusOr<v1::Job> Jobs::CloseInput(const std::string& name) {
  QUERN_ASSIGN_OR_RETURN(const std::string id, JobIdOf(name));
  QUERN_RETURN_IF_ERROR(stores_.Borrow()->CloseInput(id));
  sink_->Wake();
  return Get(name);
}

absl::Status Jobs::Delete(const v1::DeleteJobRequest& request) {
  QUERN_ASSIGN_OR_RETURN(const std::string id, JobIdOf(request.name()));
  auto store = stores_.Borrow();
  const absl::StatusOr<v1::Job> job = store->Get(id);
  if (!job.ok() && !absl::IsNotFound(job.status())) return job.status();
  if (job.ok()) {
    if (!HasEnded(job->state()) && job->state() != v1::JOB_STATE_DELETING) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "JOB_ACTIVE",
                       request.name() + " is still running; cancel it first");
    }
    // From here on nobody redrives it; a repeat of this call goes on where this one was interrupted.
    QUERN_RETURN_IF_ERROR(store->SetState(id, v1::JOB_STATE_DELETING, ""));
  }
  sink_->Release(id);
  if (request.delete_dataset() && HasDatasetOf(request.name())) {
    QUERN_RETURN_IF_ERROR(RemoveDataset(dataset_path(id)));
  }
  return store->Delete(id);
}

absl::StatusOr<v1::Job> Jobs::SetState(const std::string& name, v1::JobState state) {
  QUERN_ASSIGN_OR_RETURN(const std::string id, JobIdOf(name));
  QUERN_RETURN_IF_ERROR(stores_.Borrow()->SetState(id, state, ""));
  sink_->Wake();
  return Get(name);
}

bool Jobs::HasDatasetOf(const std::string& name) const {
  const absl::StatusOr<std::string> id = JobIdOf(name);
  if (!id.ok()) return false;
  const absl::StatusOr<dataset::Manifest> manifest = dataset::LoadManifest(dataset_path(*id));
  return manifest.ok() && manifest->job == name;
}

void Jobs::Complete(const std::string& job_id, v1::Job* job) const {
  job->set_dataset_path(dataset_path(job_id));
  // The contract of COMPLETED is a final dataset; Redis says it a moment earlier.
  if ((job->state() == v1::JOB_STATE_COMPLETED || job->state() == v1::JOB_STATE_CANCELLED) &&
      !sink_->IsFinal(job_id, job->state())) {
    job->set_state(job->state() == v1::JOB_STATE_COMPLETED ? v1::JOB_STATE_RUNNING : v1::JOB_STATE_CANCELLING);
    job->clear_finished_at();
  }
  if (job->state_reason().empty()) job->set_state_reason(sink_->Hindrance(job_id));
}

}  // namespace quern::pipeline
