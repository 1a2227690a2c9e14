#include "clients/cli/job_watcher.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <optional>

#include "clients/cli/call_error.h"
#include "clients/cli/job_client.h"
#include "common/base/error.h"
#include "quern/v1/pipeline.grpc.pb.h"

namespace quern::cli {
namespace {

// Reads one stream until the job is done (its state is returned) or the stream ends (its error; UNAVAILABLE when it
// ended without one).
absl::StatusOr<v1::Job> WatchOnce(v1::PipelineService::Stub& stub, const v1::WatchJobRequest& request,
                                  const WatchUpdate& update, const WatchDone& done, std::stop_token stop,
                                  Backoff* backoff) {
  grpc::ClientContext context;
  const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
  const auto reader = stub.WatchJob(&context, request);
  v1::WatchJobResponse response;
  std::optional<v1::Job> last;
  while (reader->Read(&response)) {
    backoff->Progress();
    if (update) update(response);
    last = response.job();
    if (Ended(*last) || done(*last)) {
      context.TryCancel();
      break;
    }
  }
  const grpc::Status status = reader->Finish();
  if (last && (Ended(*last) || done(*last))) return *last;
  if (!status.ok()) return CallError(status, context.peer());
  return MakeError(absl::StatusCode::kUnavailable, "STREAM_ENDED", "the server stopped sending the job's state");
}

}  // namespace

absl::StatusOr<v1::Job> WatchJob(const std::shared_ptr<grpc::Channel>& channel, std::string_view job,
                                 const WatchOptions& options, const WatchUpdate& update, const WatchDone& done,
                                 std::stop_token stop) {
  const auto stub = v1::PipelineService::NewStub(channel);
  v1::WatchJobRequest request;
  request.set_name(JobName(job));
  request.set_interval_ms(static_cast<uint32_t>(absl::ToInt64Milliseconds(options.interval)));
  Backoff backoff(options.backoff, stop);
  while (true) {
    absl::StatusOr<v1::Job> last = WatchOnce(*stub, request, update, done, stop, &backoff);
    if (last.ok()) return last;
    QUERN_RETURN_IF_ERROR(backoff.Wait(last.status()));
  }
}

bool Ended(const v1::Job& job) {
  return job.state() == v1::JOB_STATE_COMPLETED || job.state() == v1::JOB_STATE_CANCELLED ||
         job.state() == v1::JOB_STATE_DELETING;
}

bool EndedOrStuck(const v1::Job& job) {
  return Ended(job) || (job.state() == v1::JOB_STATE_PAUSED && !job.state_reason().empty());
}

}  // namespace quern::cli
