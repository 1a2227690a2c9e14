#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quern {

// The one of `known` that `typed` was probably meant to be, or "" when none is near: two letters wrong, or a third of
// them in a longer word, are still a slip of the pen. Pure.
std::string NearName(std::string_view typed, const std::vector<std::string>& known);

}  // namespace quern
