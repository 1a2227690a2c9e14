#include "common/base/json_text.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace quern {
namespace {

bool IsEscaped(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

// The lowest bit that is set is in the first of eight characters that needs an escape; 0 where none does. The test for
// a zero byte is that of Bit Twiddling Hacks, which is wrong about later bytes only.
uint64_t MarkEscaped(const char* eight) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr auto kZeroBytes = [](uint64_t word) { return (word - kOnes) & ~word & (kOnes << 7); };
  uint64_t word;
  std::memcpy(&word, eight, sizeof(word));
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return kZeroBytes(word & kOnes * 0xe0) | kZeroBytes(word ^ kOnes * '"') | kZeroBytes(word ^ kOnes * '\\');
}

// How many of the first characters need no escape. Prose has one to escape in some hundred, so whole blocks are looked
// at first, in a loop without an exit that compilers make vector instructions of.
size_t PlainPrefix(std::string_view text) {
  constexpr size_t kBlock = 32;
  size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock) {
    unsigned char found = 0;
    for (size_t i = 0; i < kBlock; ++i) {
      const auto c = static_cast<unsigned char>(text[at + i]);
      found |= static_cast<unsigned char>((c < 0x20) | (c == '"') | (c == '\\'));
    }
    if (found != 0) break;
  }
  constexpr size_t kWord = sizeof(uint64_t);
  for (; at + kWord <= text.size(); at += kWord) {
    if (const uint64_t marks = MarkEscaped(text.data() + at)) return at + std::countr_zero(marks) / 8;
  }
  while (at < text.size() && !IsEscaped(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

void AppendEscape(unsigned char c, std::string* json) {
  constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '\n':
      json->append("\\n");
      return;
    case '\t':
      json->append("\\t");
      return;
    case '\r':
      json->append("\\r");
      return;
    case '"':
      json->append("\\\"");
      return;
    case '\\':
      json->append("\\\\");
      return;
    default:
      json->append("\\u00");
      json->push_back(kDigits[c >> 4]);
      json->push_back(kDigits[c & 15]);
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* json) {
  json->push_back('"');
  AppendJsonEscaped(text, json);
  json->push_back('"');
}

void AppendJsonEscaped(std::string_view text, std::string* json) {
  while (true) {
    const size_t plain = PlainPrefix(text);
    json->append(text, 0, plain);
    if (plain == text.size()) break;
    AppendEscape(static_cast<unsigned char>(text[plain]), json);
    text.remove_prefix(plain + 1);
  }
}

}  // namespace quern
