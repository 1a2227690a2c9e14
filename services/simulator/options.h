#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/config/command_line.h"
#include "services/simulator/batch_options.h"
#include "services/simulator/faults.h"
#include "services/simulator/latency.h"

namespace quern::simulator {

// Which kinds of response_format the server takes; each takes those before it.
enum class Structured { kNone, kJsonObject, kJsonSchema };

// How the simulator behaves.
struct Options {
  // Empty: any model may be asked for. Otherwise others get 404.
  std::string model;
  Latency latency;
  // Path; empty: none.
  std::string witness;
  // Per minute; 0: no limit.
  double requests_per_minute = 0;
  double tokens_per_minute = 0;
  // What of both may be saved up, in seconds.
  double rate_window = 60;
  // Requests at once; 0: no limit.
  size_t max_concurrency = 0;
  // Of a prompt; 0: no limit.
  size_t context_tokens = 0;
  Structured structured = Structured::kJsonSchema;
  // Empty: none is asked for.
  std::string api_key;
  // Tokens; 0: no cache.
  size_t prefix_cache_tokens = 0;
  uint64_t seed = 0;
  // Answers by rules; else fixed ones.
  bool rules = true;
  // Share of the questions that it answers without a document, 0 to 1.
  double knows = 0.3;
  FaultPlan faults;
  BatchOptions batches;
};

// Where it listens, with how many threads.
struct ServerOptions {
  std::string host = "127.0.0.1";
  // 0: a free one.
  uint16_t port = 8000;
  // 1 to 64.
  size_t threads = 1;
};

struct CommandOptions {
  Options simulator;
  ServerOptions server;
};

const std::vector<config::FlagSpec>& Flags();

// What --help prints.
std::string Help();

// Reads the flags, and the script's file. INVALID_ARGUMENT, reason USAGE, names every flag that is wrong; NOT_FOUND
// when the script cannot be read.
absl::StatusOr<CommandOptions> ReadOptions(const config::CommandLine& line);

}  // namespace quern::simulator
