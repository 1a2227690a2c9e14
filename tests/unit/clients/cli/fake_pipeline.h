#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/service/grpc_status.h"
#include "quern/v1/pipeline.grpc.pb.h"

namespace quern::cli {

// A PipelineService in memory that can break its streams and lose what it took, as a Redis that crashed does.
// Thread-safe.
class FakePipeline final : public v1::PipelineService::Service {
 public:
  // Breaks an ingest stream, with UNAVAILABLE, when this says so of the number of requests it has read so far over all
  // streams.
  std::function<bool(int)> break_stream = [](int) { return false; };
  // What WatchJob sends, in order; then it ends the stream with `watch_end`.
  std::vector<v1::WatchJobResponse> updates;
  grpc::Status watch_end;
  v1::Job job;

  FakePipeline() {
    job.set_name("jobs/test");
    job.set_state(v1::JOB_STATE_RUNNING);
  }

  // Positions and ids held for a source, in the order in which they were taken.
  std::vector<uint64_t> Positions(const std::string& source) {
    const std::lock_guard lock(mutex_);
    return held_[source];
  }
  // Forgets all that a source sent after `position`.
  void RollBack(const std::string& source, uint64_t position) {
    const std::lock_guard lock(mutex_);
    std::erase_if(held_[source], [&](uint64_t held) { return held > position; });
  }
  int streams() const { return streams_; }
  size_t largest_request() const { return largest_request_; }
  int closed() const { return closed_; }

  grpc::Status IngestDocuments(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::IngestDocumentsResponse, v1::IngestDocumentsRequest>* stream) override {
    const std::lock_guard one_at_a_time(stream_mutex_);
    ++streams_;
    v1::IngestDocumentsRequest request;
    std::string source;
    while (stream->Read(&request)) {
      if (break_stream(++requests_)) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken on purpose");
      if (!request.source().empty()) source = request.source();
      largest_request_ = std::max(largest_request_, request.ByteSizeLong());
      stream->Write(Take(source, request));
    }
    return grpc::Status::OK;
  }

  grpc::Status CloseInput(grpc::ServerContext*, const v1::CloseInputRequest*, v1::Job* response) override {
    ++closed_;
    *response = job;
    return grpc::Status::OK;
  }

  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request, v1::Job* response) override {
    if (request->name() != job.name()) {
      return service::ToGrpcStatus(absl::NotFoundError("no job " + request->name()));
    }
    *response = job;
    return grpc::Status::OK;
  }

  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest*,
                        grpc::ServerWriter<v1::WatchJobResponse>* writer) override {
    for (const v1::WatchJobResponse& update : updates) writer->Write(update);
    return std::exchange(watch_end, grpc::Status::OK);
  }

 private:
  v1::IngestDocumentsResponse Take(const std::string& source, const v1::IngestDocumentsRequest& request) {
    const std::lock_guard lock(mutex_);
    std::vector<uint64_t>& held = held_[source];
    for (const v1::IngestEntry& entry : request.entries()) {
      if (held.empty() || entry.position() > held.back()) held.push_back(entry.position());
    }
    v1::IngestDocumentsResponse response;
    response.set_accepted_position(held.empty() ? 0 : held.back());
    response.set_durable_position(response.accepted_position());
    return response;
  }

  std::mutex stream_mutex_;
  std::atomic<int> streams_ = 0;
  int requests_ = 0;
  int closed_ = 0;
  size_t largest_request_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::vector<uint64_t>> held_;
};

// Serves a FakePipeline within the process.
class FakeServer {
 public:
  explicit FakeServer(FakePipeline* pipeline) {
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(80 << 20);
    builder.RegisterService(pipeline);
    server_ = builder.BuildAndStart();
  }
  ~FakeServer() { server_->Shutdown(std::chrono::system_clock::now()); }

  std::shared_ptr<grpc::Channel> channel() { return server_->InProcessChannel({}); }

 private:
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace quern::cli
