#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"

namespace quern {

// XXH3-128 of `bytes` as 32 lowercase hexadecimal digits: the id of content that brings none.
std::string ContentHash(std::string_view bytes);
// The same of two stretches as if they were one.
std::string ContentHash(std::string_view first, std::string_view second);

// XXH3-64 of `bytes` under `seed`: for spreading and for reproducible choices, not for identity.
uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);

// XXH3-128 of `bytes` under `seed`: identity within a process that keeps its seed to itself.
absl::uint128 Hash128(std::string_view bytes, uint64_t seed);

}  // namespace quern
