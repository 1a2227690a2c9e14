#include "common/llm/reply_text.h"

#include "absl/strings/ascii.h"

namespace quern::llm {

std::string Shortened(std::string_view text, size_t limit) {
  size_t end = text.size();
  if (end > limit) {
    end = limit;
    // Bytes 10xxxxxx continue a character: the cut goes before its first byte.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  }
  std::string shortened(text.substr(0, end));
  for (char& c : shortened) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  absl::StripAsciiWhitespace(&shortened);
  return shortened;
}

std::string Lowered(std::string_view text, size_t limit) {
  std::string lowered(text.substr(0, limit));
  absl::AsciiStrToLower(&lowered);
  return lowered;
}

}  // namespace quern::llm
