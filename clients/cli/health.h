#pragma once

#include <string>

#include "clients/cli/console.h"

namespace quern::cli {

struct HealthOptions {
  // HOST:PORT or unix:PATH of any of Quern's processes.
  std::string address;
};

// Asks a process whether it takes work, by gRPC's health protocol. Returns 0 when it does, 69 when it does not or when
// nobody answers within 5 s.
int Health(const HealthOptions& options, const Console& console);

}  // namespace quern::cli
