#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quern::text {

// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. NUL bytes are characters.

// Offset of the first byte that does not belong to a well-formed character; nothing when all of `bytes` is valid.
std::optional<size_t> FindInvalidUtf8(std::string_view bytes);

inline bool IsValidUtf8(std::string_view bytes) { return !FindInvalidUtf8(bytes).has_value(); }

// `bytes` with U+FFFD for every maximal ill-formed part (Unicode 15, section 3.9: "substitution of maximal subparts").
// The result is valid UTF-8 and at most three times as long.
std::string ReplaceInvalidUtf8(std::string_view bytes);

// Number of code points in valid UTF-8.
size_t CountCodePoints(std::string_view utf8);

// A code point and the number of bytes it took.
struct CodePoint {
  char32_t value;
  uint32_t bytes;
};

// Decodes the code point at `offset`. Requires valid UTF-8, `offset` at a character's first byte and inside `utf8`.
inline CodePoint DecodeCodePoint(std::string_view utf8, size_t offset) {
  const auto byte = [&](size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(utf8[offset + i])); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (lead < 0xF0) return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

}  // namespace quern::text
