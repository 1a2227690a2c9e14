#pragma once

#include <optional>

#include "services/filter/finding.h"
#include "services/filter/profile.h"
#include "services/filter/thresholds.h"

namespace quern::filter {

// The rules of C4 (Raffel et al. 2020, arXiv 1910.10683, section 2.2, and its published code for policy phrases and
// long words) in datatrove's reading. Deviations: the line rules only decide which sentences count; they look at
// logical lines; `{` and "javascript" are allowed in code. Needs all tokens of the text.
std::optional<Finding> CheckC4(const Profile& profile, const C4Thresholds& thresholds);

}  // namespace quern::filter
