#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/console.h"
#include "clients/cli/spec_options.h"

namespace quern::cli {

// `quern estimate`.
struct EstimateOptions {
  std::vector<std::string> inputs;
  SpecOptions spec;
  // Documents to draw; all where the corpus holds fewer.
  uint64_t sample = 500;
  std::optional<uint64_t> limit;
  // Folder of the reply cache; empty for none.
  std::string reply_cache;
  bool json = false;
  bool quiet = false;
};

// Works off a random sample of a corpus with the job's models, and tells what the whole would take. Returns the exit
// code.
int Estimate(const EstimateOptions& options, const Console& console);

}  // namespace quern::cli
