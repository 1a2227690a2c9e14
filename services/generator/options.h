#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/job.pb.h"

namespace quern::generator {

// What the extractive generator may ask. Defaults are those of v1::GeneratorSpec.
struct Options {
  size_t max_answer_words = 8;
  size_t min_question_words = 4;
  size_t max_question_words = 32;
  // Candidates below this are dropped, 0 to 1.
  double min_score = 0.5;
  // Names of the rules that are on; empty means all.
  std::vector<std::string> rules;
};

// Reads `spec.generator()`. Errors: INVALID_ARGUMENT with reason INVALID_SPEC and the field's path when a value is out
// of range or a rule is unknown.
absl::StatusOr<Options> OptionsFromSpec(const v1::JobSpec& spec);

}  // namespace quern::generator
