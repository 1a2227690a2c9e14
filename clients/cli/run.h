#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/console.h"
#include "clients/cli/spec_options.h"

namespace quern::cli {

// `quern run`.
struct RunOptions {
  std::vector<std::string> inputs;
  std::string output;
  SpecOptions spec;
  std::optional<uint64_t> limit;
  // Empty: a private redis-server.
  std::string redis;
  std::string job = "run";
  // Folder of the reply cache; empty for none.
  std::string reply_cache;
  std::string listen;
  std::string metrics = "off";
  // Send the dead letters of an earlier run on their way again.
  bool redrive = false;
  bool quiet = false;
};

// Turns a corpus into a dataset on this machine, in this process; resumes what an earlier run of the same began.
// Returns the exit code.
int Run(const RunOptions& options, const Console& console);

}  // namespace quern::cli
