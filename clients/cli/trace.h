#pragma once

#include <string>

#include "clients/cli/channel.h"
#include "clients/cli/console.h"

namespace quern::cli {

// `quern trace`.
struct TraceOptions {
  // Of a document, or of one of its records, rejections or dead letters.
  std::string id;
  // A dataset's folder; or
  std::string output;
  // a job of a server.
  std::string job;
  Server server;
  bool json = false;
};

// Tells a document's life. Returns the exit code.
int Trace(const TraceOptions& options, const Console& console);

}  // namespace quern::cli
