#pragma once

#include <cstdint>
#include <string>

#include "clients/cli/channel.h"
#include "clients/cli/console.h"
#include "clients/cli/spec_options.h"

namespace quern::cli {

// `quern convert`.
struct ConvertOptions {
  // A file as `run` takes it; of JSON Lines, the document at `line`.
  std::string input;
  uint64_t line = 1;
  // Empty: the four stages run in this process.
  Server server;
  SpecOptions spec;
  // Folder of the reply cache of this process; empty for none.
  std::string reply_cache;
  bool json = false;
};

// Shows one document's way through all four stages; nothing is stored. Returns the exit code.
int Convert(const ConvertOptions& options, const Console& console);

}  // namespace quern::cli
