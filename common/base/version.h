#pragma once

#include <string_view>

namespace quern {

// Version of this build, for example "0.1.0".
std::string_view Version();

}  // namespace quern
