#pragma once

#include <optional>

#include "common/text/language.h"
#include "services/filter/finding.h"
#include "services/filter/thresholds.h"

namespace quern::filter {

// Rejects a document that is not reliably in one of the wanted languages (LANGUAGE; the value is 0) or of which too
// small a share is (LANGUAGE_SCORE).
std::optional<Finding> CheckLanguage(const text::Language& language, const LanguageThresholds& thresholds);

}  // namespace quern::filter
