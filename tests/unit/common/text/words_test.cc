#include "common/text/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace quern::text {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

// The tokens of `text`; marks in angle brackets.
std::vector<std::string> Tokens(const std::string& text) {
  std::vector<std::string> tokens;
  WordScanner scanner(text);
  while (const auto token = scanner.Next()) {
    const std::string view = text.substr(token->begin, token->end - token->begin);
    tokens.push_back(token->is_word ? view : "<" + view + ">");
  }
  return tokens;
}

TEST(WordScannerTest, PartsPunctuationFromWords) {
  EXPECT_THAT(Tokens("The cat (a tabby), slept."),
              ElementsAre("The", "cat", "<(>", "a", "tabby", "<)>", "<,>", "slept", "<.>"));
}

TEST(WordScannerTest, KeepsWhatBelongsToAWordOrNumber) {
  EXPECT_THAT(Tokens("don't well-known e.g. 3.14 1,000 10:30 and/or snake_case"),
              ElementsAre("don't", "well-known", "e.g", "<.>", "3.14", "1,000", "10:30", "and/or", "snake_case"));
  EXPECT_THAT(Tokens("a,b x:y"), ElementsAre("a", "<,>", "b", "x", "<:>", "y"));
}

TEST(WordScannerTest, TakesARunOfOneMarkAsOneToken) {
  EXPECT_THAT(Tokens("wait... ---- ?!"), ElementsAre("wait", "<...>", "<---->", "<?>", "<!>"));
}

TEST(WordScannerTest, ReadsOtherScripts) {
  EXPECT_THAT(Tokens("\u00DCber \u043C\u0438\u0440"), ElementsAre("\u00DCber", "\u043C\u0438\u0440"));
  EXPECT_THAT(Tokens("\u5929\u5730\u3002"), ElementsAre("\u5929", "\u5730", "<\u3002>"));
  EXPECT_THAT(Tokens("cafe\u0301s"), ElementsAre("cafe\u0301s"));
  EXPECT_THAT(Tokens("it\u2019s \u2018so\u2019"), ElementsAre("it\u2019s", "<\u2018>", "so", "<\u2019>"));
}

TEST(WordScannerTest, ControlAndZeroWidthCharactersSeparate) {
  EXPECT_THAT(Tokens("a\0b"s), ElementsAre("a", "b"));
  EXPECT_THAT(Tokens("a\u200Bb\uFEFF \u202Ec"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Tokens(std::string(100, '\0')), IsEmpty());
}

TEST(WordScannerTest, CountsCharactersAndTellsLettersFromDigits) {
  WordScanner scanner("\u00FCber 42");
  const auto word = scanner.Next();
  EXPECT_EQ(word->characters, 4u);
  EXPECT_TRUE(word->has_letter);
  EXPECT_FALSE(scanner.Next()->has_letter);
  EXPECT_FALSE(scanner.Next().has_value());
}

}  // namespace
}  // namespace quern::text
