#include "services/filter/fineweb.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/services/filter/prose.h"

namespace quern::filter {
namespace {

std::string FineWebReason(const std::string& text, const FineWebThresholds& thresholds = {}) {
  const auto finding = CheckFineWeb(MakeProfile(text, 1'000'000), thresholds);
  return finding ? std::string(finding->reason) : "";
}

// A different line of at least 40 letters for each `i`, which ends as told.
std::string LongLine(int i, const std::string& end) {
  return std::string(40, 'x') + " " + std::to_string(i) + " w w w w w" + end + "\n";
}

TEST(FineWebTest, KeepsAnArticle) { EXPECT_EQ(FineWebReason(Article()), ""); }

TEST(FineWebTest, TwelveLinesInAHundredMustEndInATerminalMark) {
  const auto text = [](int terminal) {
    std::string lines;
    for (int i = 0; i < 100; ++i) lines += LongLine(i, std::string(70, 'y') + (i < terminal ? "." : ""));
    return lines;
  };
  EXPECT_EQ(FineWebReason(text(12)), "");
  EXPECT_EQ(FineWebReason(text(11)), "FINEWEB_TERMINAL_LINES");
}

TEST(FineWebTest, EveryTerminalMarkCounts) {
  for (const std::string mark : {".", "?", "!", "\"", "'", "\u201D", "\u3002"})
    EXPECT_EQ(FineWebReason(LongLine(1, mark)), "") << mark;
  EXPECT_EQ(FineWebReason(LongLine(1, ",")), "FINEWEB_TERMINAL_LINES");
}

TEST(FineWebTest, TwoLinesInThreeMayBeShort) {
  const auto text = [](int short_lines) {
    std::string lines;
    for (int i = 0; i < 100; ++i) {
      // "w w w w w w w w w w w w w N." has at most 29 characters.
      lines += i < short_lines ? "w w w w w w w w w w w w " + std::to_string(i) + ".\n"
                               : LongLine(i, std::string(70, 'y') + ".");
    }
    return lines;
  };
  EXPECT_EQ(FineWebReason(text(67)), "");
  EXPECT_EQ(FineWebReason(text(68)), "FINEWEB_SHORT_LINES");
}

TEST(FineWebTest, ALineOfThirtyCharactersIsShort) {
  FineWebThresholds thresholds;
  thresholds.max_short_lines = 0;
  EXPECT_EQ(FineWebReason("w w w w w w w w w w w w w w w.", thresholds), "FINEWEB_SHORT_LINES");
  EXPECT_EQ(FineWebReason("w w w w w w w w w w w w w w ww.", thresholds), "");
  EXPECT_EQ(
      FineWebReason(std::string("\u00FC \u00FC \u00FC \u00FC \u00FC \u00FC \u00FC \u00FC \u00FC \u00FC."), thresholds),
      "FINEWEB_SHORT_LINES");
}

TEST(FineWebTest, OneCharacterInAHundredMayBeInRepeatedLines) {
  // The repeated line has 40 characters; the line ends do not count.
  const std::string repeated = std::string(19, 'r') + " " + std::string(19, 's') + ".";
  const auto text = [&](size_t rest) { return repeated + "\n" + repeated + "\n" + std::string(rest - 1, 't') + ".\n"; };
  FineWebThresholds thresholds;
  thresholds.max_newlines_per_word = 10;
  EXPECT_EQ(FineWebReason(text(4000 - 80), thresholds), "");
  EXPECT_EQ(FineWebReason(text(3999 - 80), thresholds), "FINEWEB_DUPLICATE_LINES");
}

TEST(FineWebTest, ThreeLineEndsForTenTokensAreAllowed) {
  FineWebThresholds thresholds;
  thresholds.max_short_lines = 1;
  // Three lines, ten tokens with the full stops.
  EXPECT_EQ(FineWebReason("aa bb cc.\ndd ee.\nff gg.\n", thresholds), "");
  EXPECT_EQ(FineWebReason("aa bb cc.\ndd ee.\nff.\n", thresholds), "FINEWEB_NEWLINES");
}

TEST(FineWebTest, TextCutAtAColumnIsMeasuredOnItsParagraphs) {
  // One paragraph cut at 60 columns: a single line ends in a full stop, and one in nine would on the cut lines.
  std::string text;
  for (int i = 0; i < 20; ++i)
    text += "abcdefghij klmnopqrst uvwxyzabcd efghijklmn opqrstuvwx yz" + std::to_string(100 + i) + "\n";
  EXPECT_EQ(FineWebReason(text + "and so it ends.\n"), "");
}

}  // namespace
}  // namespace quern::filter
