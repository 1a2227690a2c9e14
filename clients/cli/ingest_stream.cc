#include "clients/cli/ingest_stream.h"

#include <utility>

#include "clients/cli/call_error.h"

namespace quern::cli {

IngestStream::IngestStream(v1::PipelineService::Stub& stub, std::stop_token stop, OnResponse on_response)
    : on_response_(std::move(on_response)),
      cancel_(std::move(stop), [this] { context_.TryCancel(); }),
      stream_(stub.IngestDocuments(&context_)),
      reader_([this] { Read(); }) {}

IngestStream::~IngestStream() {
  if (finished_) return;
  Cancel();
  Finish().IgnoreError();
}

std::optional<uint64_t> IngestStream::Open(const std::string& job, const std::string& source) {
  v1::IngestDocumentsRequest request;
  request.set_job(job);
  request.set_source(source);
  if (!stream_->Write(request)) return std::nullopt;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return last_ || ended_; });
  if (!last_) return std::nullopt;
  return last_->accepted_position();
}

bool IngestStream::Write(const v1::IngestDocumentsRequest& batch) { return stream_->Write(batch); }

bool IngestStream::WaitFor(uint64_t position, bool durable) {
  const auto reached = [&] {
    return last_ && (durable ? last_->durable_position() : last_->accepted_position()) >= position;
  };
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return reached() || ended_; });
  return reached();
}

absl::Status IngestStream::Close() {
  stream_->WritesDone();
  return Finish();
}

void IngestStream::Cancel() { context_.TryCancel(); }

absl::Status IngestStream::Finish() {
  reader_.join();
  finished_ = true;
  const grpc::Status status = stream_->Finish();
  return CallError(status, context_.peer());
}

void IngestStream::Read() {
  v1::IngestDocumentsResponse response;
  while (stream_->Read(&response)) {
    if (on_response_) on_response_(response);
    {
      const std::lock_guard lock(mutex_);
      last_ = response;
    }
    changed_.notify_all();
  }
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

}  // namespace quern::cli
