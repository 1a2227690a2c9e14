#include "common/llm/reply_text.h"

#include "absl/strings/ascii.h"

namespace quern::llm {
namespace {

constexpr size_t kShortestKey = 12;

bool IsKeyCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '*';
}

bool MayBeAKey(std::string_view word) {
  return word.size() >= kShortestKey && word.find_first_of("0123456789*") != std::string_view::npos;
}

}  // namespace

std::string WithoutKeys(std::string_view text) {
  std::string masked;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && IsKeyCharacter(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    masked += MayBeAKey(word) ? "***" : word;
    if (end < text.size()) masked += text[end];
    at = end + 1;
  }
  return masked;
}

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
