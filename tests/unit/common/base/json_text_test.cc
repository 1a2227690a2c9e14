#include "common/base/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace quern {
namespace {

std::string JsonOf(std::string_view text) {
  std::string json;
  AppendJsonString(text, &json);
  return json;
}

TEST(JsonTextTest, EscapesWhatJsonForbids) {
  EXPECT_EQ(JsonOf(""), R"("")");
  EXPECT_EQ(JsonOf("a\"b\\c\nd\te\rf"), R"("a\"b\\c\nd\te\rf")");
  EXPECT_EQ(JsonOf(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
}

TEST(JsonTextTest, EveryCharacterAtEveryPlaceOfALongText) {
  // Longer than the blocks that are looked at together, with the character before, in and behind them.
  for (int c = 0; c < 0x80; ++c) {
    for (size_t at = 0; at < 80; ++at) {
      std::string text(80, 'x');
      text[at] = static_cast<char>(c);
      ASSERT_EQ(nlohmann::json::parse(JsonOf(text)).get<std::string>(), text) << "character " << c << " at " << at;
    }
  }
}

TEST(JsonTextTest, LeavesUtf8AsItIs) {
  const std::string text = "\u00e4\u20ac\U0001F600 and what follows, longer than a block: \u6771\u4eac";
  EXPECT_EQ(JsonOf(text), "\"" + text + "\"");
}

}  // namespace
}  // namespace quern
