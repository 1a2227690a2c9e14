#pragma once

#include <cstddef>
#include <memory>

#include "absl/time/time.h"
#include "common/service/access.h"
#include "services/pipeline/converter.h"
#include "services/pipeline/dead_letters.h"
#include "services/pipeline/jobs.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace quern::pipeline {

// PipelineService over gRPC's callback API: every RPC hands its work to a pool of threads, since it waits for Redis,
// the disk or other services, and gRPC's own threads must never wait. Thread-safe.
class PipelineService {
 public:
  // The arguments outlive it. `threads` serve requests; ConvertDocument, which waits for models, has as many of its
  // own.
  PipelineService(Jobs* jobs, DeadLetters* dead_letters, const Converter* converter, const service::Access* access,
                  size_t threads);
  // After the server that it is registered with is gone.
  ~PipelineService();

  grpc::Service* service();

  // Ends open streams with UNAVAILABLE and waits up to `grace` until they have ended. Idempotent.
  void Drain(absl::Duration grace);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quern::pipeline
