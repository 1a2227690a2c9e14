#pragma once

#include <grpcpp/client_context.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "quern/v1/pipeline.grpc.pb.h"

namespace quern::cli {

// One IngestDocuments stream, from the client's side: batches go out on the caller's thread, acknowledgements come in
// on a thread of the stream's own. Ends itself when `stop` is told. Thread-compatible.
class IngestStream {
 public:
  using OnResponse = std::function<void(const v1::IngestDocumentsResponse&)>;

  // `on_response` is told every acknowledgement, on the stream's thread; it may be empty.
  IngestStream(v1::PipelineService::Stub& stub, std::stop_token stop, OnResponse on_response);
  // Cancels what was not closed.
  ~IngestStream();
  IngestStream(const IngestStream&) = delete;
  IngestStream& operator=(const IngestStream&) = delete;

  // Opens the source: the position after which to go on, or nothing when the stream broke.
  std::optional<uint64_t> Open(const std::string& job, const std::string& source);

  // Sends a batch; waits while the server holds back. False when the stream broke.
  bool Write(const v1::IngestDocumentsRequest& batch);

  // Waits until everything up to `position` is accepted, or durable. False when the stream broke.
  bool WaitFor(uint64_t position, bool durable);

  // Says that this is all and waits for the server's good-bye.
  absl::Status Close();

  // Ends the stream without ado.
  void Cancel();

  // The end of a stream that broke or was cancelled.
  absl::Status Finish();

 private:
  void Read();

  const OnResponse on_response_;
  grpc::ClientContext context_;
  std::stop_callback<std::function<void()>> cancel_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::IngestDocumentsRequest, v1::IngestDocumentsResponse>> stream_;
  bool finished_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::optional<v1::IngestDocumentsResponse> last_;
  bool ended_ = false;

  // The last member: it runs as soon as it is made, and uses all others.
  std::thread reader_;
};

}  // namespace quern::cli
