#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace quern::testing {

// One of the daemons, on ports of its own choice. Thread-compatible.
class Daemon {
 public:
  // `flags` follow those that choose the ports.
  Daemon(const std::string& program, const std::vector<std::string>& flags);

  // Waits until it says that it serves; false when it ended instead.
  bool WaitUntilItServes();
  // What the log named. Empty before it serves.
  std::string grpc_address() const { return Field("grpc"); }
  std::string metrics_address() const { return Field("metrics"); }
  std::shared_ptr<grpc::Channel> Channel() const;

  ChildProcess& process() { return process_; }

 private:
  std::string Field(const std::string& name) const;

  ChildProcess process_;
};

}  // namespace quern::testing
