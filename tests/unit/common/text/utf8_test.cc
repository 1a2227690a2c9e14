#include "common/text/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace quern::text {
namespace {

using std::string_literals::operator""s;

TEST(Utf8Test, AcceptsEveryLengthOfCharacterAndNul) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("plain ASCII, longer than a machine word\0 with NUL"s));
  EXPECT_TRUE(IsValidUtf8("\u00E9\u20AC\U0001F600\U0010FFFF"));
}

TEST(Utf8Test, NamesTheOffsetOfTheFirstFault) {
  EXPECT_EQ(FindInvalidUtf8("\xFF"), 0u);
  EXPECT_EQ(FindInvalidUtf8("abcdefghij\x80"), 10u);
  EXPECT_EQ(FindInvalidUtf8("\u20AC\xE2\x82"), 3u) << "a character cut off at the end";
}

TEST(Utf8Test, RefusesOverlongFormsSurrogatesAndWhatUnicodeLacks) {
  for (const std::string bytes : {"\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80",
                                  "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80"}) {
    EXPECT_EQ(FindInvalidUtf8(bytes), 0u) << testing::PrintToString(bytes);
  }
}

TEST(Utf8Test, ReplacesEachMaximalIllFormedPartOnce) {
  EXPECT_EQ(ReplaceInvalidUtf8("fine"), "fine");
  EXPECT_EQ(ReplaceInvalidUtf8("a\x80z"), "a\uFFFDz");
  EXPECT_EQ(ReplaceInvalidUtf8("a\xE2\x82z"), "a\uFFFDz") << "two bytes of one cut character";
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate's bytes fit nothing";
  EXPECT_TRUE(IsValidUtf8(ReplaceInvalidUtf8("\xF0\x9F\x98\xFF\xFE \xC3")));
}

TEST(Utf8Test, CountsAndDecodesCodePoints) {
  const std::string_view text = "a\u00E9\u20AC\U0001F600";
  EXPECT_EQ(CountCodePoints(text), 4u);
  EXPECT_EQ(DecodeCodePoint(text, 0).value, U'a');
  EXPECT_EQ(DecodeCodePoint(text, 1).value, U'\u00E9');
  EXPECT_EQ(DecodeCodePoint(text, 3).value, U'\u20AC');
  EXPECT_EQ(DecodeCodePoint(text, 6).value, U'\U0001F600');
  EXPECT_EQ(DecodeCodePoint(text, 6).bytes, 4u);
}

}  // namespace
}  // namespace quern::text
