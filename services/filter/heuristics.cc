#include "services/filter/heuristics.h"

#include <limits>
#include <optional>

#include "absl/strings/str_format.h"
#include "common/text/language.h"
#include "common/text/words.h"
#include "services/filter/c4.h"
#include "services/filter/finding.h"
#include "services/filter/fineweb.h"
#include "services/filter/gopher_quality.h"
#include "services/filter/gopher_repetition.h"
#include "services/filter/language_rule.h"
#include "services/filter/profile.h"

namespace quern::filter {
namespace {

v1::Rejection ToRejection(const Finding& finding) {
  v1::Rejection rejection;
  rejection.set_stage(v1::STAGE_NAME_FILTER);
  rejection.set_reason(std::string(finding.reason));
  rejection.set_value(finding.value);
  rejection.set_threshold(finding.threshold);
  const std::string_view relation = finding.value > finding.threshold ? "more" : "less";
  rejection.set_message(
      absl::StrFormat("%s: %.4g, %s than %.4g", finding.measure, finding.value, relation, finding.threshold));
  return rejection;
}

// Words and marks, counted no further than `enough`.
uint64_t CountTokens(std::string_view text, uint64_t enough) {
  text::WordScanner scanner(text);
  uint64_t count = 0;
  while (count < enough && scanner.Next()) ++count;
  return count;
}

// A text with more words than are allowed is rejected for their number, so its other words need not be kept.
uint64_t TokenLimit(const Thresholds& thresholds) {
  if (!thresholds.gopher_quality.enabled) return std::numeric_limits<uint64_t>::max();
  // Marks are tokens too; there is no bound on them, but prose has fewer marks than words.
  return 2 * uint64_t{thresholds.gopher_quality.max_words};
}

// The families of rules, which measure the whole text.
std::optional<Finding> CheckFamilies(std::string_view text, const Thresholds& thresholds, bool english) {
  const bool any = thresholds.gopher_quality.enabled || thresholds.gopher_repetition.enabled ||
                   thresholds.fineweb.enabled || thresholds.c4.enabled;
  if (!any) return std::nullopt;
  const Profile profile = MakeProfile(text, TokenLimit(thresholds));
  const bool ask_for_stop_words = english || !thresholds.gopher_quality.stop_words_are_english;
  if (thresholds.gopher_quality.enabled) {
    QUERN_RETURN_IF_FOUND(CheckGopherQuality(profile, thresholds.gopher_quality, ask_for_stop_words));
  }
  if (thresholds.gopher_repetition.enabled) {
    QUERN_RETURN_IF_FOUND(CheckGopherRepetition(profile, thresholds.gopher_repetition));
  }
  if (thresholds.fineweb.enabled) QUERN_RETURN_IF_FOUND(CheckFineWeb(profile, thresholds.fineweb));
  if (thresholds.c4.enabled) QUERN_RETURN_IF_FOUND(CheckC4(profile, thresholds.c4));
  return std::nullopt;
}

}  // namespace

std::variant<v1::FilterVerdict, v1::Rejection> JudgeText(std::string_view text, const Thresholds& thresholds) {
  // What reads a part of the text comes before what reads all of it.
  const auto tokens = static_cast<double>(CountTokens(text, thresholds.min_tokens));
  if (const auto finding = AtLeast(thresholds.min_tokens, tokens, "TOO_FEW_TOKENS", "number of tokens")) {
    return ToRejection(*finding);
  }
  v1::FilterVerdict verdict;
  verdict.set_language("und");
  if (thresholds.language.enabled) {
    const text::Language language = text::DetectLanguage(text);
    if (const auto finding = CheckLanguage(language, thresholds.language)) return ToRejection(*finding);
    verdict.set_language(language.code);
    verdict.set_language_score(language.score);
  }
  const bool english = verdict.language() == "en" || !thresholds.language.enabled;
  if (const auto finding = CheckFamilies(text, thresholds, english)) return ToRejection(*finding);
  return verdict;
}

}  // namespace quern::filter
