#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "quern/v1/job.pb.h"

namespace quern::verifier {

// One file of questions that must not come out; see v1::EvaluationSet.
struct EvaluationSet {
  // Not empty, unique among the job's sets.
  std::string name;
  // Not empty. Relative to the process's working directory.
  std::string file;
  // Fields of JSON Lines whose text counts. Not empty.
  std::vector<std::string> fields = {"question"};
};

// What questions are compared with; see v1::DecontaminationSpec.
struct Decontamination {
  // Empty: nothing is compared.
  std::vector<EvaluationSet> sets;
  // Words that a question must share in a row: 5 to 50. Fewer find more and accuse more questions wrongly.
  size_t ngram_words = 13;
  // The same for questions of fewer than ngram_words words: 3 to ngram_words. By default 8, or ngram_words when less.
  size_t short_ngram_words = 8;
};

// What the extractive verifier demands. Defaults are those of v1::VerifierSpec.
struct Options {
  size_t max_answer_words = 12;
  size_t min_question_words = 4;
  size_t max_question_words = 40;
  // 0 to 1; see VerifierSpec.max_leaked_share.
  double max_leaked_share = 0.5;
  // Names of checks that are not run.
  std::vector<std::string> skip_checks;
  Decontamination decontamination;

  // Engine LLM: a model judges what rules can tell of the extractive engine's questions alone.
  bool model_judges = false;

  bool Skips(std::string_view check) const;
};

// Reads `spec.verifier()`, no files. Errors: INVALID_ARGUMENT with reason INVALID_SPEC and the field's path when a
// value is out of range or a check is unknown.
absl::StatusOr<Options> OptionsFromSpec(const v1::JobSpec& spec);

}  // namespace quern::verifier
