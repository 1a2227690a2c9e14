#include "services/filter/language_rule.h"

#include <algorithm>

namespace quern::filter {

std::optional<Finding> CheckLanguage(const text::Language& language, const LanguageThresholds& thresholds) {
  const auto& wanted = thresholds.wanted;
  const bool is_wanted = std::find(wanted.begin(), wanted.end(), language.code) != wanted.end();
  if (!is_wanted || !language.reliable) {
    return Finding{"LANGUAGE", "share of the text that is reliably in a wanted language", 0, thresholds.min_score};
  }
  return AtLeast(thresholds.min_score, language.score, "LANGUAGE_SCORE", "share of the text in its main language");
}

}  // namespace quern::filter
