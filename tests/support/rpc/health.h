#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

namespace quern::testing {

// What grpc.health.v1.Health/Check answers.
enum class Health { kServing, kNotServing, kUnknownService, kUnreachable };

// Asks once, waiting up to 20 s for a connection.
Health HealthOf(const std::shared_ptr<grpc::Channel>& channel, const std::string& service);

// A client that watches the health service and never leaves. Thread-compatible.
class HealthWatcher {
 public:
  // Returns once the server has answered for the first time; `answered` tells whether it did.
  explicit HealthWatcher(const std::shared_ptr<grpc::Channel>& channel);
  ~HealthWatcher();

  bool answered() const { return answered_; }

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  bool answered_ = false;
};

}  // namespace quern::testing
