#include "common/text/utf8.h"

#include <unicode/utf8.h>

namespace quern::text {
namespace {

// The character, or the maximal ill-formed part, that begins at `*offset`, which moves behind it. Negative when it is
// ill-formed.
UChar32 NextCharacter(std::string_view bytes, size_t* offset) {
  const char* const data = bytes.data();
  auto at = static_cast<int64_t>(*offset);
  UChar32 character = 0;
  U8_NEXT(data, at, static_cast<int64_t>(bytes.size()), character);
  *offset = static_cast<size_t>(at);
  return character;
}

}  // namespace

std::optional<size_t> FindInvalidUtf8(std::string_view bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const size_t begin = at;
    if (NextCharacter(bytes, &at) < 0) return begin;
  }
  return std::nullopt;
}

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size() + bytes.size() / 8);
  for (size_t at = 0; at < bytes.size();) {
    const size_t begin = at;
    if (NextCharacter(bytes, &at) < 0) {
      result.append("\uFFFD");
    } else {
      result.append(bytes.substr(begin, at - begin));
    }
  }
  return result;
}

size_t CountCodePoints(std::string_view utf8) {
  size_t count = 0;
  for (const char c : utf8) count += static_cast<signed char>(c) >= -0x40;  // all but continuation bytes
  return count;
}

}  // namespace quern::text
