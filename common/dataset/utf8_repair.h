#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quern::dataset {

// Offset of the first byte that begins no well-formed UTF-8 sequence (overlong forms, surrogates and values over
// U+10FFFF are ill-formed), or npos.
size_t FindInvalidUtf8(std::string_view bytes);

// The same text with every ill-formed sequence replaced by U+FFFD, one for each maximal part, as Unicode recommends
// (The Unicode Standard, chapter 3, "U+FFFD Substitution of Maximal Subparts").
std::string ReplaceInvalidUtf8(std::string_view bytes);

}  // namespace quern::dataset
