#include "common/base/json_text.h"

#include <array>

namespace quern {
namespace {

constexpr std::array<bool, 256> MakeEscaped() {
  std::array<bool, 256> escaped = {};
  for (size_t c = 0; c < 0x20; ++c) escaped[c] = true;
  escaped['"'] = escaped['\\'] = true;
  return escaped;
}
constexpr std::array<bool, 256> kEscaped = MakeEscaped();

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
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!kEscaped[c]) continue;
    json->append(text, copied, i - copied);
    AppendEscape(c, json);
    copied = i + 1;
  }
  json->append(text, copied, std::string_view::npos);
  json->push_back('"');
}

}  // namespace quern
