#include "clients/cli/spec_options.h"

#include <utility>

#include "common/base/config/job_spec.h"
#include "common/base/error.h"

namespace quern::cli {

absl::StatusOr<v1::JobSpec> LoadSpec(const SpecOptions& options) {
  std::vector<std::pair<std::string, std::string>> overrides;
  if (!options.engine.empty()) overrides.emplace_back("engine", options.engine);
  for (const std::string& assignment : options.set) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      return MakeError(absl::StatusCode::kInvalidArgument, "USAGE",
                       "--set " + assignment + ": write PATH=VALUE, for example --set queue.lanes=4");
    }
    overrides.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  absl::StatusOr<v1::JobSpec> spec = config::LoadJobSpec(options.file, overrides);
  if (absl::IsNotFound(spec.status())) {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC", std::string(spec.status().message()));
  }
  QUERN_RETURN_IF_ERROR(spec.status());
  return config::ResolveJobSpec(*std::move(spec));
}

}  // namespace quern::cli
