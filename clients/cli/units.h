#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace quern::cli {

// Figures as people read them. Pure functions.

// "1,234,567".
std::string Grouped(uint64_t number);

// "1 document", "1,234 documents": `noun` is one whose plural ends in s.
std::string Counted(uint64_t number, std::string_view noun);

// "0.4/s", "12/s", "1,234/s".
std::string Rate(double per_second);

// "12.3 %"; "–" when `whole` is 0.
std::string Percent(uint64_t part, uint64_t whole);

// "512 B", "1.5 KiB", "3.2 GiB".
std::string Bytes(uint64_t bytes);

// "42s", "3m10s", "2h05m", "3d04h".
std::string Lasting(absl::Duration duration);

}  // namespace quern::cli
