#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace quern::generator {

// True when `word` is one of `words`.
template <size_t N>
bool OneOf(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace quern::generator
