#pragma once

#include <string>

#include "clients/cli/channel.h"
#include "clients/cli/console.h"

namespace quern::cli {

// `quern records`.
struct RecordsOptions {
  std::string job;
  Server server;
  // Wait for more until the job ends.
  bool follow = false;
  // "-" for out, else a file to write.
  std::string output = "-";
};

// Writes a job's records as JSON Lines. Returns the exit code.
int Records(const RecordsOptions& options, const Console& console);

}  // namespace quern::cli
