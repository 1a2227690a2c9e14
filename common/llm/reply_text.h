#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quern::llm {

// Words of a server as people may see them: control characters become spaces, and at most `limit` bytes are kept, cut
// between two characters. `text` is UTF-8.
std::string Shortened(std::string_view text, size_t limit = 300);

// `text` with "***" in place of what may be a key: a word of 12 or more letters, digits, "-", "_", "." and "*" with a
// digit or a star in it.
std::string WithoutKeys(std::string_view text);

// Lower-case copy of the first `limit` bytes of `text` (ASCII letters only).
std::string Lowered(std::string_view text, size_t limit = 4096);

// Whether `text` holds one of `marks`.
template <typename Marks>
bool HoldsAny(std::string_view text, const Marks& marks) {
  for (const std::string_view mark : marks) {
    if (text.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace quern::llm
