#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clients/cli/console.h"

namespace quern::cli {

// The commands with their flags, as CLI11 knows them. A command's `execute` is set by parsing, when its words are
// there.
struct Arguments {
  std::unique_ptr<CLI::App> app;
  // Runs what was parsed.
  std::function<int(const Console&)> execute;
};

// Declares all commands. Parsing sets `execute`; the result must not move meanwhile, so it comes on the heap.
std::unique_ptr<Arguments> DeclareCommands();

}  // namespace quern::cli
