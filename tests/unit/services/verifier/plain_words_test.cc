#include "services/verifier/plain_words.h"

#include <gtest/gtest.h>

namespace quern::verifier {
namespace {

TEST(PlainWordsTest, CasePunctuationAndSpacesDoNotCount) {
  EXPECT_EQ(PlainWords("  Who wrote \"Emma\",\n\tthe  NOVEL?"), "who wrote emma the novel");
  EXPECT_EQ(PlainWords("It's a well-known 3.5"), "its a wellknown 35");
}

TEST(PlainWordsTest, OnlyPunctuationIsNoWord) {
  EXPECT_EQ(PlainWords("A - B -- C … D + 1"), "a b c d 1");
  EXPECT_EQ(PlainWords(" ?! … —"), "");
  EXPECT_EQ(PlainWords(""), "");
}

TEST(PlainWordsTest, UnicodeIsComparedAsAsciiIs) {
  EXPECT_EQ(PlainWords("“It’s” – a test…"), PlainWords("\"It's\" - a test..."));
  EXPECT_EQ(PlainWords("\u00c9COLE"), PlainWords("e\u0301cole"));  // one code point or two
  EXPECT_EQ(PlainWords("no\u00a0break, soft\u00ad, zero\u200b"), "no break soft zero");
  EXPECT_EQ(PlainWords("ＡＢＣ Straße ﬁn"), "abc strasse fin");
  EXPECT_EQ(PlainWords("Ποιος;"), "ποιοσ");
}

TEST(PlainWordsTest, IllFormedBytesAreSymbols) {
  EXPECT_EQ(PlainWords("a\xff"
                       "b \xe2\x80"),
            "ab");
}

}  // namespace
}  // namespace quern::verifier
