#include "services/generator/options.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

absl::Status Invalid(std::string_view field, std::string_view demand) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                   absl::StrFormat("generator.%s: %s", field, demand));
}

absl::Status CheckRanges(const Options& options) {
  if (options.max_answer_words < 1 || options.max_answer_words > 40)
    return Invalid("max_answer_words", "must be 1 to 40");
  if (options.min_question_words < 3 || options.min_question_words > 100)
    return Invalid("min_question_words", "must be 3 to 100");
  if (options.max_question_words < 3 || options.max_question_words > 100)
    return Invalid("max_question_words", "must be 3 to 100");
  if (options.max_question_words < options.min_question_words) {
    return Invalid("max_question_words", "must not be below min_question_words");
  }
  if (!(options.min_score >= 0 && options.min_score <= 1)) return Invalid("min_score", "must be 0 to 1");
  const std::vector<std::string_view>& names = RuleNames();
  for (const std::string& rule : options.rules) {
    if (std::find(names.begin(), names.end(), rule) == names.end()) {
      return Invalid("rules", absl::StrFormat("there is no rule \"%s\"", rule));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> OptionsFromSpec(const v1::JobSpec& spec) {
  const v1::GeneratorSpec& generator = spec.generator();
  Options options;
  if (generator.has_max_answer_words()) options.max_answer_words = generator.max_answer_words();
  if (generator.has_min_question_words()) options.min_question_words = generator.min_question_words();
  if (generator.has_max_question_words()) options.max_question_words = generator.max_question_words();
  if (generator.has_min_score()) options.min_score = generator.min_score();
  options.rules.assign(generator.rules().begin(), generator.rules().end());
  QUERN_RETURN_IF_ERROR(CheckRanges(options));
  return options;
}

}  // namespace quern::generator
