#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace quern::llm {

// What models and their servers say nests some six deep.
inline constexpr size_t kMostNesting = 64;
// A parser needs some fourteen times the size of what it parses, and keeps it: for large texts one is made and dropped.
inline constexpr size_t kKeptParserBytes = 256 << 10;

// Parses `text` with a parser of the calling thread, and returns what `read` makes of the JSON, which is valid in
// `read` alone, or of why there is none (a simdjson_result<dom::element>). `read` does not come here again.
template <typename Read>
auto WithJson(std::string_view text, const Read& read) {
  const auto parse = [&](simdjson::dom::parser& parser) {
    simdjson::error_code error = simdjson::SUCCESS;
    if (parser.capacity() < text.size() || parser.max_depth() != kMostNesting) {
      error = parser.allocate(std::max<size_t>(text.size(), 16 << 10), kMostNesting);
    }
    using Json = simdjson::simdjson_result<simdjson::dom::element>;
    return read(error == simdjson::SUCCESS ? parser.parse(text.data(), text.size()) : Json(error));
  };
  thread_local simdjson::dom::parser kept;
  if (text.size() <= kKeptParserBytes) return parse(kept);
  simdjson::dom::parser once;
  return parse(once);
}

}  // namespace quern::llm
