#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace quern {

// Debian builds Abseil with a string_view of its own. Quern's APIs take std::string_view; these cross the border where
// an Abseil function other than StrFormat (which takes both) wants or returns one. No copy is made.
inline absl::string_view AbslView(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view StdView(absl::string_view s) { return {s.data(), s.size()}; }

}  // namespace quern
