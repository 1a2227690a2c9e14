#include "services/verifier/options.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "services/verifier/verifier.h"

namespace quern::verifier {
namespace {

absl::Status Invalid(std::string_view field, std::string_view demand) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                   absl::StrFormat("verifier.%s: %s", field, demand));
}

absl::Status CheckRanges(const Options& options) {
  if (options.max_answer_words < 1 || options.max_answer_words > 200)
    return Invalid("max_answer_words", "must be 1 to 200");
  if (options.min_question_words < 1 || options.min_question_words > 200)
    return Invalid("min_question_words", "must be 1 to 200");
  if (options.max_question_words < 1 || options.max_question_words > 200)
    return Invalid("max_question_words", "must be 1 to 200");
  if (options.max_question_words < options.min_question_words) {
    return Invalid("max_question_words", "must not be below min_question_words");
  }
  if (!(options.max_leaked_share >= 0 && options.max_leaked_share <= 1))
    return Invalid("max_leaked_share", "must be 0 to 1");
  const std::vector<std::string_view>& names = CheckNames();
  for (const std::string& check : options.skip_checks) {
    if (check == names.front()) return Invalid("skip_checks", "\"grounded\" cannot be skipped");
    if (std::find(names.begin(), names.end(), check) == names.end()) {
      return Invalid("skip_checks", absl::StrFormat("there is no check \"%s\"", check));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool Options::Skips(std::string_view check) const {
  return std::find(skip_checks.begin(), skip_checks.end(), check) != skip_checks.end();
}

absl::StatusOr<Options> OptionsFromSpec(const v1::JobSpec& spec) {
  const v1::VerifierSpec& verifier = spec.verifier();
  const v1::Engine engine = verifier.engine() == v1::ENGINE_UNSPECIFIED ? spec.engine() : verifier.engine();
  if (engine == v1::ENGINE_LLM) {
    return MakeError(
        absl::StatusCode::kUnimplemented, "ENGINE_NOT_BUILT",
        "verifier.engine: this build of Quern verifies with the extractive engine only; set engine: ENGINE_EXTRACTIVE");
  }
  Options options;
  if (verifier.has_max_answer_words()) options.max_answer_words = verifier.max_answer_words();
  if (verifier.has_min_question_words()) options.min_question_words = verifier.min_question_words();
  if (verifier.has_max_question_words()) options.max_question_words = verifier.max_question_words();
  if (verifier.has_max_leaked_share()) options.max_leaked_share = verifier.max_leaked_share();
  options.skip_checks.assign(verifier.skip_checks().begin(), verifier.skip_checks().end());
  QUERN_RETURN_IF_ERROR(CheckRanges(options));
  return options;
}

}  // namespace quern::verifier
