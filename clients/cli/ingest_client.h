#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/backoff.h"
#include "clients/cli/ingest_batch.h"
#include "common/dataset/source_reader.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace quern::cli {

struct IngestOptions {
  BatchLimits batch;
  BackoffOptions backoff;
};

// Sends sources of one job over IngestDocuments, each from where the server says that it stands. A lost stream is
// opened again, and the position asked anew, never taken from memory: Redis may have gone back. Memory is constant: one
// batch here, and what gRPC's flow control lets through. Blocking; thread-compatible.
class IngestClient {
 public:
  // Opens the source at its beginning; called once for every stream.
  using Open = std::function<absl::StatusOr<std::unique_ptr<dataset::SourceReader>>()>;
  // Told after each batch, on the calling thread, how many bytes of the source's file were read.
  using Progress = std::function<void(uint64_t bytes_read)>;

  IngestClient(std::shared_ptr<grpc::Channel> channel, std::string job, IngestOptions options, std::stop_token stop);
  ~IngestClient();

  // Sends the rest of a source and waits until all of it is accepted, with `durable` until it survives a crash of
  // Redis. Returns the last position of the source, 0 when it holds nothing. CANCELLED when told to stop; errors of
  // reading; the server's errors that do not pass by themselves.
  absl::StatusOr<uint64_t> Send(const std::string& source, const Open& open, bool durable,
                                const Progress& progress = {});

  // True when the server holds everything of `source` up to `last`.
  absl::StatusOr<bool> Holds(const std::string& source, uint64_t last);

 private:
  absl::StatusOr<uint64_t> SendOnce(const std::string& source, const Open& open, bool durable, const Progress& progress,
                                    Backoff* backoff);

  struct Stub;
  std::unique_ptr<Stub> stub_;
  const std::string job_;
  const IngestOptions options_;
  const std::stop_token stop_;
};

}  // namespace quern::cli
