#include "common/dataset/utf8_repair.h"

#include <unicode/utf8.h>

#include <cstdint>

namespace quern::dataset {

size_t FindInvalidUtf8(std::string_view bytes) {
  const char* const data = bytes.data();
  const auto size = static_cast<int64_t>(bytes.size());
  for (int64_t at = 0; at < size;) {
    const int64_t begin = at;
    UChar32 point = 0;
    U8_NEXT(data, at, size, point);
    if (point < 0) return static_cast<size_t>(begin);
  }
  return std::string_view::npos;
}

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string repaired;
  repaired.reserve(bytes.size() + bytes.size() / 8);
  const char* const data = bytes.data();
  const auto size = static_cast<int64_t>(bytes.size());
  for (int64_t at = 0; at < size;) {
    const int64_t begin = at;
    UChar32 point = 0;
    U8_NEXT(data, at, size, point);
    if (point < 0) {
      repaired += "\xef\xbf\xbd";
    } else {
      repaired.append(data + begin, static_cast<size_t>(at - begin));
    }
  }
  return repaired;
}

}  // namespace quern::dataset
