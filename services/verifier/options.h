#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/job.pb.h"

namespace quern::verifier {

// What the extractive verifier demands. Defaults are those of v1::VerifierSpec.
struct Options {
  size_t max_answer_words = 12;
  size_t min_question_words = 4;
  size_t max_question_words = 40;
  // 0 to 1; see VerifierSpec.max_leaked_share.
  double max_leaked_share = 0.5;
  // Names of checks that are not run.
  std::vector<std::string> skip_checks;

  bool Skips(std::string_view check) const;
};

// Reads `spec.verifier()`. Errors: INVALID_ARGUMENT with reason INVALID_SPEC and the field's path when a value is out
// of range or a check is unknown; UNIMPLEMENTED with reason ENGINE_NOT_BUILT when the engine is LLM.
absl::StatusOr<Options> OptionsFromSpec(const v1::JobSpec& spec);

}  // namespace quern::verifier
