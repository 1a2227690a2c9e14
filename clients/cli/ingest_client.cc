#include "clients/cli/ingest_client.h"

#include <grpcpp/channel.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "clients/cli/ingest_stream.h"
#include "clients/cli/job_client.h"
#include "common/base/error.h"
#include "quern/v1/pipeline.grpc.pb.h"

namespace quern::cli {
namespace {

absl::Status BrokenStream() {
  return MakeError(absl::StatusCode::kUnavailable, "STREAM_ENDED", "the server ended the stream early");
}

// What a stream that broke says; a stream that the server ended in good order too early counts as lost.
absl::Status WhyBroken(IngestStream& stream) {
  const absl::Status status = stream.Finish();
  return status.ok() ? BrokenStream() : status;
}

}  // namespace

struct IngestClient::Stub {
  std::unique_ptr<v1::PipelineService::Stub> rpc;
};

IngestClient::IngestClient(std::shared_ptr<grpc::Channel> channel, std::string job, IngestOptions options,
                           std::stop_token stop)
    : stub_(std::make_unique<Stub>()), job_(JobName(job)), options_(options), stop_(std::move(stop)) {
  stub_->rpc = v1::PipelineService::NewStub(channel);
}

IngestClient::~IngestClient() = default;

absl::StatusOr<uint64_t> IngestClient::Send(const std::string& source, const Open& open, bool durable,
                                            const Progress& progress) {
  Backoff backoff(options_.backoff, stop_);
  while (true) {
    absl::StatusOr<uint64_t> last = SendOnce(source, open, durable, progress, &backoff);
    if (last.ok()) return last;
    if (stop_.stop_requested()) return absl::CancelledError("interrupted");
    if (!PassesByItself(last.status())) return WithContext(last.status(), source);
    QUERN_RETURN_IF_ERROR(backoff.Wait(last.status()));
  }
}

absl::StatusOr<bool> IngestClient::Holds(const std::string& source, uint64_t last) {
  Backoff backoff(options_.backoff, stop_);
  while (true) {
    IngestStream stream(*stub_->rpc, stop_, {});
    const std::optional<uint64_t> position = stream.Open(job_, source);
    if (position) {
      stream.Cancel();
      return *position >= last;
    }
    QUERN_RETURN_IF_ERROR(backoff.Wait(WhyBroken(stream)));
  }
}

absl::StatusOr<uint64_t> IngestClient::SendOnce(const std::string& source, const Open& open, bool durable,
                                                const Progress& progress, Backoff* backoff) {
  QUERN_ASSIGN_OR_RETURN(const std::unique_ptr<dataset::SourceReader> reader, open());
  IngestStream stream(*stub_->rpc, stop_, [&](const v1::IngestDocumentsResponse&) { backoff->Progress(); });
  const std::optional<uint64_t> position = stream.Open(job_, source);
  if (!position) return WhyBroken(stream);
  QUERN_RETURN_IF_ERROR(reader->SeekTo(*position));

  BatchReader batches(*reader, options_.batch);
  v1::IngestDocumentsRequest batch;
  while (true) {
    QUERN_ASSIGN_OR_RETURN(const bool more, batches.Next(&batch));
    if (!more) break;
    if (!stream.Write(batch)) return WhyBroken(stream);
    if (progress) progress(reader->bytes_read());
  }
  const uint64_t last = std::max(*position, batches.last_position());
  if (!stream.WaitFor(last, durable)) return WhyBroken(stream);
  QUERN_RETURN_IF_ERROR(stream.Close());
  return last;
}

}  // namespace quern::cli
