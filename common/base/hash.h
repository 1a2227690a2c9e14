#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quern {

// XXH3-128 of `bytes` as 32 lowercase hexadecimal digits: the id of content that brings none.
std::string ContentHash(std::string_view bytes);

// XXH3-64 of `bytes` under `seed`: for spreading and for reproducible choices, not for identity.
uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);

}  // namespace quern
