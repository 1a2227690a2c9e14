#pragma once

#include <cstdint>
#include <string>

#include "clients/cli/console.h"
#include "clients/cli/spec_options.h"

namespace quern::cli {

// `quern prompts`.
struct PromptsOptions {
  // A file as `run` takes it; of JSON Lines, the document at `line`.
  std::string input;
  uint64_t line = 1;
  SpecOptions spec;
};

// Shows what the stages would send to models for one document; asks nobody. Returns the exit code.
int Prompts(const PromptsOptions& options, const Console& console);

}  // namespace quern::cli
