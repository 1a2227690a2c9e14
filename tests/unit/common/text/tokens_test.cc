#include "common/text/tokens.h"

#include <gtest/gtest.h>

namespace quern::text {
namespace {

std::vector<std::string> Texts(std::string_view text) {
  std::vector<std::string> result;
  for (const Token& token : Tokenize(text)) result.emplace_back(TokenText(text, token));
  return result;
}

TEST(TokensTest, KeepsNumbersNamesAndInitialsWhole) {
  EXPECT_EQ(Texts("J. Smith paid $3,456.50 in 1969, didn't he?"),
            (std::vector<std::string>{"J.", "Smith", "paid", "$", "3,456.50", "in", "1969", ",", "didn't", "he", "?"}));
  EXPECT_EQ(Texts("C++ and C# on x86-64."), (std::vector<std::string>{"C++", "and", "C#", "on", "x86-64", "."}));
}

TEST(TokensTest, TellsCapitalsBeyondAscii) {
  const std::string text =
      "\xC3\x89"
      "cole NATO word";
  const std::vector<Token> tokens = Tokenize(text);
  ASSERT_EQ(tokens.size(), 3u);
  EXPECT_TRUE(tokens[0].capitalised);
  EXPECT_TRUE(tokens[1].all_caps);
  EXPECT_FALSE(tokens[2].capitalised);
}

TEST(TokensTest, InvalidUtf8IsPunctuation) {
  const std::vector<Token> tokens = Tokenize("a \xFF\xC3 b");
  ASSERT_GE(tokens.size(), 3u);
  EXPECT_EQ(tokens[1].kind, TokenKind::kPunct);
}

TEST(TokensTest, CollapsesEveryKindOfSpace) { EXPECT_EQ(CollapseSpaces(" a\n\t b\xC2\xA0 c "), "a b c"); }

TEST(TokensTest, SeesWhatReadersDoNot) {
  EXPECT_TRUE(HasInvisible("pass\xE2\x80\x8Bword"));  // zero width space
  EXPECT_TRUE(
      HasInvisible("abc\xE2\x80\xAE"
                   "cba"));  // right-to-left override
  EXPECT_TRUE(HasInvisible(std::string_view("a\x1B[31m", 5)));
  EXPECT_FALSE(HasInvisible("na\xC3\xAFve \xE2\x80\x93 tab\t"));
}

}  // namespace
}  // namespace quern::text
