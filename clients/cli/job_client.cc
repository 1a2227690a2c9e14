#include "clients/cli/job_client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "absl/strings/match.h"
#include "clients/cli/call_error.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"
#include "quern/v1/pipeline.grpc.pb.h"

namespace quern::cli {
namespace {

constexpr std::string_view kJobs = "jobs/";
constexpr int kJobsPageSize = 1000;

// Calls `method` of the stub with a deadline; CANCELLED once `stop` is requested.
template <class Response, class Stub, class Method, class Request>
absl::StatusOr<Response> Call(Stub& stub, Method method, const Request& request, absl::Duration timeout,
                              const std::stop_token& stop = {}) {
  grpc::ClientContext context;
  const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return CallError(status, context.peer());
  return response;
}

template <class Request>
Request Named(std::string_view job) {
  Request request;
  request.set_name(JobName(job));
  return request;
}

}  // namespace

struct JobClient::Stub {
  std::unique_ptr<v1::PipelineService::Stub> rpc;
};

JobClient::JobClient(std::shared_ptr<grpc::Channel> channel, absl::Duration timeout)
    : stub_(std::make_unique<Stub>()), timeout_(timeout) {
  stub_->rpc = v1::PipelineService::NewStub(channel);
}

JobClient::~JobClient() = default;

absl::StatusOr<v1::Job> JobClient::Create(const std::string& job_id, const v1::JobSpec& spec) {
  v1::CreateJobRequest request;
  request.set_job_id(job_id);
  *request.mutable_spec() = spec;
  return Call<v1::Job>(*stub_->rpc, &v1::PipelineService::Stub::CreateJob, request, timeout_);
}

absl::StatusOr<v1::Job> JobClient::Get(std::string_view job) {
  return Call<v1::Job>(*stub_->rpc, &v1::PipelineService::Stub::GetJob, Named<v1::GetJobRequest>(job), timeout_);
}

absl::StatusOr<std::vector<v1::Job>> JobClient::List() {
  std::vector<v1::Job> jobs;
  v1::ListJobsRequest request;
  request.set_page_size(kJobsPageSize);
  do {
    auto page = Call<v1::ListJobsResponse>(*stub_->rpc, &v1::PipelineService::Stub::ListJobs, request, timeout_);
    if (!page.ok()) return page.status();
    for (v1::Job& job : *page->mutable_jobs()) jobs.push_back(std::move(job));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return jobs;
}

absl::StatusOr<v1::Job> JobClient::Pause(std::string_view job) {
  return Call<v1::Job>(*stub_->rpc, &v1::PipelineService::Stub::PauseJob, Named<v1::PauseJobRequest>(job), timeout_);
}

absl::StatusOr<v1::Job> JobClient::Resume(std::string_view job, const v1::BudgetSpec& budget) {
  auto request = Named<v1::ResumeJobRequest>(job);
  if (budget.ByteSizeLong() > 0) *request.mutable_budget() = budget;
  return Call<v1::Job>(*stub_->rpc, &v1::PipelineService::Stub::ResumeJob, request, timeout_);
}

absl::StatusOr<v1::Job> JobClient::Cancel(std::string_view job) {
  return Call<v1::Job>(*stub_->rpc, &v1::PipelineService::Stub::CancelJob, Named<v1::CancelJobRequest>(job), timeout_);
}

absl::StatusOr<v1::Job> JobClient::CloseInput(std::string_view job) {
  return Call<v1::Job>(*stub_->rpc, &v1::PipelineService::Stub::CloseInput, Named<v1::CloseInputRequest>(job),
                       timeout_);
}

absl::Status JobClient::Delete(std::string_view job, bool delete_dataset) {
  auto request = Named<v1::DeleteJobRequest>(job);
  request.set_delete_dataset(delete_dataset);
  return Call<v1::DeleteJobResponse>(*stub_->rpc, &v1::PipelineService::Stub::DeleteJob, request, timeout_).status();
}

absl::StatusOr<v1::ListDeadLettersResponse> JobClient::ListDeadLetters(const v1::ListDeadLettersRequest& request) {
  return Call<v1::ListDeadLettersResponse>(*stub_->rpc, &v1::PipelineService::Stub::ListDeadLetters, request, timeout_);
}

absl::StatusOr<v1::RedriveDeadLettersResponse> JobClient::RedriveDeadLetters(
    const v1::RedriveDeadLettersRequest& request) {
  return Call<v1::RedriveDeadLettersResponse>(*stub_->rpc, &v1::PipelineService::Stub::RedriveDeadLetters, request,
                                              timeout_);
}

absl::StatusOr<v1::TraceDocumentResponse> JobClient::Trace(std::string_view job, const std::string& id) {
  auto request = Named<v1::TraceDocumentRequest>(job);
  request.set_id(id);
  return Call<v1::TraceDocumentResponse>(*stub_->rpc, &v1::PipelineService::Stub::TraceDocument, request, timeout_);
}

absl::StatusOr<v1::ConvertDocumentResponse> JobClient::Convert(const v1::ConvertDocumentRequest& request,
                                                               const std::stop_token& stop) {
  return Call<v1::ConvertDocumentResponse>(*stub_->rpc, &v1::PipelineService::Stub::ConvertDocument, request, timeout_,
                                           stop);
}

std::string JobName(std::string_view job) {
  return absl::StartsWith(AbslView(job), AbslView(kJobs)) ? std::string(job) : std::string(kJobs).append(job);
}

std::string JobId(std::string_view job) { return JobName(job).substr(kJobs.size()); }

}  // namespace quern::cli
