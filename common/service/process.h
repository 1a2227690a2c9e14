#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/config/service_config.h"
#include "common/queue/redis.h"
#include "common/service/component.h"
#include "common/service/metrics.h"
#include "common/service/signals.h"

namespace quern::service {

// What a daemon's main does besides its own subject: flags, configuration, logs, signals, metrics, server, drain. One
// per process, constructed first thing in main.
class Process {
 public:
  // Makes the process's component from its configuration. Does not wait for anything.
  using Make = std::function<absl::StatusOr<std::unique_ptr<Component>>(Process& process)>;

  // Runs the process until it was told to stop; returns its exit code: 0 after a drain, 64 usage, 78 configuration, 69
  // when an address is in use. Handles --help, --version, --print-config and --validate-config.
  static int Main(const config::ProcessIdentity& identity, int argc, char** argv, const Make& make);

  const v1::ServiceConfig& config() const { return loaded_.config; }
  const queue::RedisOptions& redis() const { return redis_; }
  Metrics& metrics() { return metrics_; }

 private:
  Process(const config::ProcessIdentity& identity, config::LoadedConfig loaded, queue::RedisOptions redis);
  int Run(const Make& make);

  const config::ProcessIdentity identity_;
  const config::LoadedConfig loaded_;
  const queue::RedisOptions redis_;
  Signals signals_;
  Metrics metrics_;
};

}  // namespace quern::service
