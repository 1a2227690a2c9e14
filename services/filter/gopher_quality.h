#pragma once

#include <optional>

#include "services/filter/finding.h"
#include "services/filter/profile.h"
#include "services/filter/thresholds.h"

namespace quern::filter {

// The quality rules of Gopher (Rae et al. 2021, arXiv 2112.11446, A.1.1) in datatrove's reading, with two deviations:
// the share of words with a letter is taken of words, as the paper says, and not of all tokens; stop words are compared
// without case. `ask_for_stop_words` is false for documents in a language that the list does not fit.
std::optional<Finding> CheckGopherQuality(const Profile& profile, const GopherQualityThresholds& thresholds,
                                          bool ask_for_stop_words);

}  // namespace quern::filter
