#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quern::llm {

enum class Gunzipped { kWhole, kBroken, kTooLong };

// Puts what one gzip member holds into `text`, unless that is broken, cut, or has more than `max_bytes`.
Gunzipped Gunzip(std::string_view bytes, size_t max_bytes, std::string* text);

}  // namespace quern::llm
