#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/config/command_line.h"
#include "common/base/config/service_config.h"

namespace quern::service {

// The flags of every daemon.
std::vector<config::FlagSpec> DaemonFlags();

// What --help prints.
std::string DaemonHelp(const config::ProcessIdentity& identity);

// Where the configuration comes from, by the flags and the environment. INVALID_ARGUMENT, reason USAGE: a positional
// word, or a --set without "=".
absl::StatusOr<config::ConfigSources> DaemonSources(const config::CommandLine& line);

}  // namespace quern::service
