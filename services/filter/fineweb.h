#pragma once

#include <optional>

#include "services/filter/finding.h"
#include "services/filter/profile.h"
#include "services/filter/thresholds.h"

namespace quern::filter {

// The rules that FineWeb adds (Penedo et al. 2024, arXiv 2406.17557, section 3.6) in datatrove's reading: blank lines
// are no lines, and line ends are counted per token. Deviation: all of them look at logical lines.
std::optional<Finding> CheckFineWeb(const Profile& profile, const FineWebThresholds& thresholds);

}  // namespace quern::filter
