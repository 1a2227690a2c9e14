#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/channel.h"
#include "clients/cli/console.h"
#include "clients/cli/spec_options.h"

namespace quern::cli {

// `quern submit`.
struct SubmitOptions {
  std::vector<std::string> inputs;
  Server server;
  std::string job;
  SpecOptions spec;
  std::optional<uint64_t> limit;
  // Follow the job to its end.
  bool watch = false;
  bool quiet = false;
};

// Creates a job on a server, sends it a corpus and closes its input; resumes what an earlier submit began. Returns the
// exit code.
int Submit(const SubmitOptions& options, const Console& console);

// `quern watch`.
struct WatchCommandOptions {
  std::string job;
  Server server;
  bool quiet = false;
};

// Follows a job until it ends or is paused by the system. Returns the exit code for how it ended.
int Watch(const WatchCommandOptions& options, const Console& console);

}  // namespace quern::cli
