#include "services/verifier/options.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "services/verifier/verifier.h"

namespace quern::verifier {
namespace {

// Models put the numbers of an exercise into its question.
constexpr size_t kMostModelQuestionWords = 120;

absl::Status Invalid(std::string_view field, std::string_view demand) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                   absl::StrFormat("verifier.%s: %s", field, demand));
}

absl::Status CheckSet(const EvaluationSet& set, const std::vector<EvaluationSet>& sets, size_t i) {
  const auto invalid = [i](std::string_view field, std::string_view demand) {
    return Invalid(absl::StrFormat("decontamination.sets[%d].%s", i, field), demand);
  };
  if (set.name.empty()) return invalid("name", "is missing; rejections call the set by it");
  if (set.file.empty()) return invalid("file", "is missing; give the path of JSON Lines or text");
  if (std::count(set.fields.begin(), set.fields.end(), "") > 0) return invalid("fields", "must not be empty");
  for (size_t other = 0; other < i; ++other) {
    if (sets[other].name == set.name) return invalid("name", absl::StrFormat("sets[%d] has the same name", other));
  }
  return absl::OkStatus();
}

absl::Status CheckDecontamination(const Decontamination& decontamination) {
  if (decontamination.ngram_words < 5 || decontamination.ngram_words > 50)
    return Invalid("decontamination.ngram_words", "must be 5 to 50");
  if (decontamination.short_ngram_words < 3 || decontamination.short_ngram_words > decontamination.ngram_words)
    return Invalid("decontamination.short_ngram_words", "must be 3 to ngram_words");
  for (size_t i = 0; i < decontamination.sets.size(); ++i) {
    QUERN_RETURN_IF_ERROR(CheckSet(decontamination.sets[i], decontamination.sets, i));
  }
  return absl::OkStatus();
}

Decontamination DecontaminationFromSpec(const v1::DecontaminationSpec& spec) {
  Decontamination decontamination;
  for (const v1::EvaluationSet& from : spec.sets()) {
    EvaluationSet& set = decontamination.sets.emplace_back();
    set.name = from.name();
    set.file = from.file();
    if (from.fields_size() > 0) set.fields.assign(from.fields().begin(), from.fields().end());
  }
  if (spec.has_ngram_words()) decontamination.ngram_words = spec.ngram_words();
  decontamination.short_ngram_words = spec.has_short_ngram_words()
                                          ? spec.short_ngram_words()
                                          : std::min(decontamination.short_ngram_words, decontamination.ngram_words);
  return decontamination;
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
  return CheckDecontamination(options.decontamination);
}

}  // namespace

bool Options::Skips(std::string_view check) const {
  return std::find(skip_checks.begin(), skip_checks.end(), check) != skip_checks.end();
}

absl::StatusOr<Options> OptionsFromSpec(const v1::JobSpec& spec) {
  const v1::VerifierSpec& verifier = spec.verifier();
  Options options;
  if (verifier.has_max_answer_words()) options.max_answer_words = verifier.max_answer_words();
  if (verifier.has_min_question_words()) options.min_question_words = verifier.min_question_words();
  if (verifier.has_max_question_words()) options.max_question_words = verifier.max_question_words();
  if (verifier.has_max_leaked_share()) options.max_leaked_share = verifier.max_leaked_share();
  options.skip_checks.assign(verifier.skip_checks().begin(), verifier.skip_checks().end());
  options.decontamination = DecontaminationFromSpec(verifier.decontamination());
  options.model_judges = verifier.engine() == v1::ENGINE_LLM;
  if (options.model_judges && !verifier.has_max_question_words()) options.max_question_words = kMostModelQuestionWords;
  QUERN_RETURN_IF_ERROR(CheckRanges(options));
  return options;
}

}  // namespace quern::verifier
