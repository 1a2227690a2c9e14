#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/job.pb.h"

namespace quern::cli {

// How a job's spec is given on the command line.
struct SpecOptions {
  // YAML file; empty for none.
  std::string file;
  // "extractive" or "llm"; empty for what the file says.
  std::string engine;
  // PATH=VALUE each, for example "queue.lanes=4"; the later wins, all over the file.
  std::vector<std::string> set;
};

// Where the job's stages run: files that a spec names are looked at when that is here.
enum class StagesRun { kHere, kOnServers };

// The spec with every default filled in. INVALID_ARGUMENT: reason USAGE for a --set without "=", reason INVALID_SPEC
// for all faults of the spec at once, a file that is missing among them.
absl::StatusOr<v1::JobSpec> LoadSpec(const SpecOptions& options, StagesRun where);

}  // namespace quern::cli
