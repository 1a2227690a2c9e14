#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quern::cli {

// " (did you mean 'run'?)" when one of `known` is close to what was typed, else "".
std::string Suggestion(std::string_view typed, const std::vector<std::string>& known);

}  // namespace quern::cli
