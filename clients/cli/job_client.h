#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "quern/v1/pipeline.pb.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace quern::cli {

// PipelineService's single calls: one request, one answer, no repeats. Jobs go by "NAME" or "jobs/NAME". Errors are the
// server's, with their reasons; UNAVAILABLE also when it cannot be reached. Blocking; thread-safe.
class JobClient {
 public:
  explicit JobClient(std::shared_ptr<grpc::Channel> channel, absl::Duration timeout = absl::Seconds(30));
  ~JobClient();

  absl::StatusOr<v1::Job> Create(const std::string& job_id, const v1::JobSpec& spec);
  absl::StatusOr<v1::Job> Get(std::string_view job);
  // All pages.
  absl::StatusOr<std::vector<v1::Job>> List();
  absl::StatusOr<v1::Job> Pause(std::string_view job);
  // The caps that `budget` sets take the place of the job's.
  absl::StatusOr<v1::Job> Resume(std::string_view job, const v1::BudgetSpec& budget);
  absl::StatusOr<v1::Job> Cancel(std::string_view job);
  absl::StatusOr<v1::Job> CloseInput(std::string_view job);
  absl::Status Delete(std::string_view job, bool delete_dataset);

  // One page: see ListDeadLettersRequest.
  absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(const v1::ListDeadLettersRequest& request);
  absl::StatusOr<v1::RedriveDeadLettersResponse> RedriveDeadLetters(const v1::RedriveDeadLettersRequest& request);
  // What became of the document or item `id`.
  absl::StatusOr<v1::TraceDocumentResponse> Trace(std::string_view job, const std::string& id);
  // CANCELLED once `stop` is requested.
  absl::StatusOr<v1::ConvertDocumentResponse> Convert(const v1::ConvertDocumentRequest& request,
                                                      const std::stop_token& stop);

 private:
  struct Stub;
  std::unique_ptr<Stub> stub_;
  const absl::Duration timeout_;
};

// "jobs/NAME" for either spelling.
std::string JobName(std::string_view job);
// "NAME" for either spelling.
std::string JobId(std::string_view job);

}  // namespace quern::cli
