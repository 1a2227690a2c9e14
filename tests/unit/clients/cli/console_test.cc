#include "clients/cli/console.h"

#include <gtest/gtest.h>

namespace quern::cli {
namespace {

TEST(PrintableTest, EscapeSequencesOfDocumentsDoNotReachTheTerminal) {
  EXPECT_EQ(Printable("a\x1b[31mred\x07", 100), "a·[31mred·");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m",
                      100),
            "·31m");
}

TEST(PrintableTest, BidiAndZeroWidthCharactersShow) {
  EXPECT_EQ(Printable("a\xe2\x80\xae"
                      "b\xe2\x80\x8b"
                      "c\xef\xbb\xbf",
                      100),
            "a·b·c·");
}

TEST(PrintableTest, WhiteSpaceCollapsesAndTextIsCutAtACharacter) {
  EXPECT_EQ(Printable("  one\n\n\ttwo  ", 100), "one two");
  EXPECT_EQ(Printable("größe", 4), "grö…");
}

TEST(PrintableTest, InvalidUtf8BecomesDots) {
  EXPECT_EQ(Printable("\xff\xfe"
                      "a\xc3",
                      100),
            "··a·");
}

}  // namespace
}  // namespace quern::cli
