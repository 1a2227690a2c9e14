#pragma once

#include <cstddef>
#include <string>

#include "clients/cli/console.h"

namespace quern::cli {

// `quern inspect`.
struct InspectOptions {
  std::string dir;
  bool json = false;
  // Records to show.
  size_t samples = 5;
};

// Tells what became of a dataset's documents, from its files alone. Returns the exit code.
int Inspect(const InspectOptions& options, const Console& console);

}  // namespace quern::cli
