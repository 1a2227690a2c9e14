#include "clients/cli/spec_options.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/base/config/job_spec.h"
#include "common/base/error.h"
#include "common/llm/hub.h"
#include "services/filter/filter_stage.h"
#include "services/generator/generator_stage.h"
#include "services/persona/persona_stage.h"
#include "services/verifier/options.h"
#include "services/verifier/verifier_stage.h"

namespace quern::cli {
namespace {

// What only a stage can tell, "Maths" for a domain say, is told here and not by a job that stands still.
absl::Status CheckStages(const v1::JobSpec& spec, StagesRun where) {
  std::vector<std::string> faults;
  const auto check = [&faults](const absl::Status& status) {
    if (status.ok()) return;
    // Of a model that several stages ask, each of them tells the same.
    std::string fault(status.message());
    if (std::find(faults.begin(), faults.end(), fault) == faults.end()) faults.push_back(std::move(fault));
  };
  // Evaluation sets and the models' keys are where the stages run.
  const bool here = where == StagesRun::kHere;
  llm::Hub hub(nullptr, nullptr);
  llm::Hub* const models = here ? &hub : nullptr;
  check(filter::MakeFilterStage(spec, models).status());
  check(persona::MakePersonaStage(spec, models).status());
  check(generator::MakeGeneratorStage(spec, models).status());
  check(here ? verifier::MakeVerifierStage(spec, models).status() : verifier::OptionsFromSpec(spec).status());
  if (faults.empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC", absl::StrJoin(faults, "; "));
}

}  // namespace

absl::StatusOr<v1::JobSpec> LoadSpec(const SpecOptions& options, StagesRun where) {
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
  QUERN_RETURN_IF_ERROR(CheckStages(*spec, where));
  return spec;
}

}  // namespace quern::cli
