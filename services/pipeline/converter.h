#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/trace_context.h"
#include "quern/v1/pipeline.pb.h"

namespace quern::pipeline {

// How to reach the four stage services.
struct StageChannels {
  std::shared_ptr<grpc::Channel> filter;
  std::shared_ptr<grpc::Channel> persona;
  std::shared_ptr<grpc::Channel> generator;
  std::shared_ptr<grpc::Channel> verifier;
};

// Takes one document through the four stage services by RPC, as the queue would, and keeps the whole trace. Nothing is
// stored. Blocking; thread-safe.
class Converter {
 public:
  explicit Converter(StageChannels channels);

  // Ends no later than `deadline`; the stages are called under `trace`, which records tell. INVALID_ARGUMENT, with the
  // document's fault as reason; errors of a stage pass through, led by its name.
  absl::StatusOr<v1::ConvertDocumentResponse> Convert(const v1::ConvertDocumentRequest& request,
                                                      const TraceContext& trace, absl::Time deadline) const;

 private:
  const StageChannels channels_;
};

}  // namespace quern::pipeline
