#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace quern::service {

// A part of a process that serves RPCs and works in the background: a stage or the pipeline. The five daemons run one
// each, `quern run` all five. Calls come from one thread, in the order in which they stand here.
class Component {
 public:
  virtual ~Component() = default;

  // gRPC services to register; the component owns them and outlives the server.
  virtual std::vector<grpc::Service*> Services() = 0;

  // Starts background work once the server listens. Does not wait for Redis: what needs it waits in the background.
  // Only a configuration that cannot work is an error.
  virtual absl::Status Start() = 0;

  // Whether it can work only while Redis answers.
  virtual bool NeedsRedis() const = 0;

  // Starts no more work, ends streams with UNAVAILABLE, and waits up to `grace` for what is under way. Idempotent. Runs
  // while the server refuses new calls and finishes those under way.
  virtual void Drain(absl::Duration grace) = 0;
};

}  // namespace quern::service
