#pragma once

#include <string>
#include <vector>

#include "clients/cli/console.h"

namespace quern::cli {

// `quern` from its words (without the program's name) to its exit code: takes them apart, answers --help and --version,
// and runs the command. What it cannot make sense of is answered by one line that says what to do, and exit code 64.
int RunCommandLine(const std::vector<std::string>& words, const Console& console);

// docs/cli.md: the help of every command, and the exit codes.
std::string CommandLineReference();

}  // namespace quern::cli
