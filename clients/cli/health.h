#pragma once

#include "clients/cli/channel.h"
#include "clients/cli/console.h"

namespace quern::cli {

struct HealthOptions {
  // Any of Quern's processes.
  Server server;
};

// Asks a process whether it takes work, by gRPC's health protocol. Returns 0 when it does, 69 when it does not or when
// nobody answers within 5 s.
int Health(const HealthOptions& options, const Console& console);

}  // namespace quern::cli
