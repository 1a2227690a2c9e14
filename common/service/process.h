#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "common/base/config/service_config.h"
#include "common/queue/redis.h"
#include "common/service/access.h"
#include "common/service/component.h"
#include "common/service/metrics.h"
#include "common/service/redis_metrics.h"
#include "common/service/signals.h"

namespace quern::service {

// What a daemon's main does besides its own subject: flags, configuration, logs, signals, metrics, server, drain. One
// per process, constructed first thing in main.
class Process {
 public:
  // Makes the process's component from its configuration. Does not wait for anything.
  using Make = std::function<absl::StatusOr<std::unique_ptr<Component>>(Process& process)>;

  // Runs the process until it was told to stop; returns its exit code: 0 after a drain, 64 usage, 66 no such
  // configuration file, 69 an address in use, 73 a folder that it cannot write, 78 configuration. Handles --help,
  // --version, --print-config and
  // --validate-config.
  static int Main(const config::ProcessIdentity& identity, int argc, char** argv, const Make& make);

  Process(const config::ProcessIdentity& identity, config::LoadedConfig loaded, queue::RedisOptions redis);

  const v1::ServiceConfig& config() const { return loaded_.config; }
  const queue::RedisOptions& redis() const { return redis_; }
  Metrics& metrics() { return metrics_; }
  // Who may call; the component's services ask it.
  const Access& access() const { return *access_; }

 private:
  absl::Status Run(const Make& make);

  const config::LoadedConfig loaded_;
  queue::RedisOptions redis_;
  Signals signals_;
  Metrics metrics_;
  RedisMetrics redis_metrics_;
  std::unique_ptr<Access> access_;
};

}  // namespace quern::service
