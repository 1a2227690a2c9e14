#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace quern::config {

// "30s", "500ms", "1h30m", "1.5s", "7d": a sum of numbers, each with its unit (d, h, m, s, ms, us, ns). A bare 0 is
// taken, other bare numbers are not. Nullopt when ill-formed, negative or infinite.
std::optional<absl::Duration> ParseDuration(std::string_view text);

// "4096", "64MiB", "1.5 GiB", "10MB": bytes with an optional unit (B, KB, MB, GB, TB, KiB, MiB, GiB, TiB). Nullopt when
// ill-formed, negative, not a whole number of bytes or too large for 64 bits.
std::optional<uint64_t> ParseBytes(std::string_view text);

// The shortest text that parses to the same value: "10m30s", "7d".
std::string DurationText(absl::Duration duration);
// The same for bytes: "64MiB", "1000".
std::string BytesText(uint64_t bytes);

}  // namespace quern::config
