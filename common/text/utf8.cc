#include "common/text/utf8.h"

#include <cstring>

namespace quern::text {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080;

uint64_t LoadWord(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

bool InRange(char c, unsigned char low, unsigned char high) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= low && byte <= high;
}

// What stands at one offset: a well-formed character of `bytes` bytes, or an ill-formed part of that length.
struct Part {
  uint32_t bytes;
  bool valid;
};

// Table 3-7 of the Unicode standard: the second byte's range depends on the lead, the others are 80..BF.
Part ReadPart(std::string_view s, size_t offset) {
  const auto lead = static_cast<unsigned char>(s[offset]);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const uint32_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (uint32_t i = 1; i < length; ++i) {
    const bool fits = offset + i < s.size() && InRange(s[offset + i], i == 1 ? low : 0x80, i == 1 ? high : 0xBF);
    if (!fits) return {i, false};
  }
  return {length, true};
}

// First offset at or after `offset` that is not part of a run of whole ASCII words.
size_t SkipAscii(std::string_view s, size_t offset) {
  while (offset + sizeof(uint64_t) <= s.size() && (LoadWord(s.data() + offset) & kHighBits) == 0) {
    offset += sizeof(uint64_t);
  }
  return offset;
}

}  // namespace

std::optional<size_t> FindInvalidUtf8(std::string_view bytes) {
  size_t offset = 0;
  while ((offset = SkipAscii(bytes, offset)) < bytes.size()) {
    const Part part = ReadPart(bytes, offset);
    if (!part.valid) return offset;
    offset += part.bytes;
  }
  return std::nullopt;
}

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size());
  while (const auto invalid = FindInvalidUtf8(bytes)) {
    result.append(bytes.substr(0, *invalid)).append("\uFFFD");
    bytes.remove_prefix(*invalid + ReadPart(bytes, *invalid).bytes);
  }
  return result.append(bytes);
}

size_t CountCodePoints(std::string_view utf8) {
  size_t count = 0;
  for (const char c : utf8) count += static_cast<signed char>(c) >= -0x40;  // all but continuation bytes
  return count;
}

}  // namespace quern::text
