#pragma once

#include <optional>

#include "services/filter/finding.h"
#include "services/filter/profile.h"
#include "services/filter/thresholds.h"

namespace quern::filter {

// The repetition rules of Gopher (arXiv 2112.11446, table A1), counted as datatrove counts: the most frequent n-gram
// with the spaces between its words, the earlier of equals; repeated n-grams without spaces and without overlap, from
// left to right. Deviation: an n-gram that occurs once is no repetition. Shares are of the text's characters.
std::optional<Finding> CheckGopherRepetition(const Profile& profile, const GopherRepetitionThresholds& thresholds);

}  // namespace quern::filter
