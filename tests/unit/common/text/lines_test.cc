#include "common/text/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace quern::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Views(const std::string& text, const std::vector<Line>& lines) {
  std::vector<std::string> views;
  for (const Line& line : lines) views.push_back(text.substr(line.begin, line.end - line.begin));
  return views;
}

TEST(LinesTest, TrimsLinesAndLeavesBlankOnesOut) {
  const std::string text = "  one \r\n\r\n \t \ntwo";
  EXPECT_THAT(Views(text, SplitLines(text)), ElementsAre("one", "two"));
  EXPECT_THAT(SplitLines("\n \n"), IsEmpty());
  EXPECT_THAT(SplitLines(""), IsEmpty());
}

TEST(LinesTest, BlankLinesPartParagraphs) {
  const auto lines = SplitLines("\n\na\nb\n\n\nc");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].paragraph, 0u);
  EXPECT_EQ(lines[1].paragraph, 0u);
  EXPECT_EQ(lines[2].paragraph, 1u);
}

// Cut at column 60, as `fold -s` would.
constexpr char kCut[] =
    "Granite is a coarse-grained igneous rock composed mostly of\n"
    "quartz, alkali feldspar, and plagioclase. It forms from\n"
    "magma with a high content of silica and alkali metal oxides\n"
    "that slowly cools and solidifies underground.\n"
    "\n"
    "It is common in the continental crust of the whole planet\n"
    "Earth, where it is found in igneous intrusions.\n";

TEST(LinesTest, JoinsTheLinesOfACutParagraph) {
  const std::string text = kCut;
  const auto views = Views(text, JoinWrappedLines(text, SplitLines(text)));
  ASSERT_EQ(views.size(), 2u);
  EXPECT_TRUE(views[0].ends_with("solidifies underground."));
  EXPECT_TRUE(views[1].starts_with("It is common"));
}

TEST(LinesTest, KeepsListEntriesApartInCutText) {
  const std::string text =
      std::string(kCut) + "- the first entry of a list that is about as long as a line\n- the second entry\n";
  EXPECT_EQ(JoinWrappedLines(text, SplitLines(text)).size(), 4u);
}

TEST(LinesTest, KeepsShortLinesAndLongOnesAsTheyAre) {
  const std::string menu = "Home\nProducts\nAbout us\nContact\n";
  EXPECT_EQ(JoinWrappedLines(menu, SplitLines(menu)).size(), 4u);
  const std::string prose =
      std::string(300, 'x') + "\n" + std::string(280, 'y') + "\nheading\n" + std::string(200, 'z');
  EXPECT_EQ(FindWrapColumn(SplitLines(prose)), 0u);
  EXPECT_EQ(JoinWrappedLines(prose, SplitLines(prose)).size(), 4u);
}

TEST(LinesTest, KeepsLinesOfLikeLengthThatAreSentences) {
  const std::string text =
      "Please enable JavaScript in your browser.\nAnother line of prose stands down here.\nAnd this is the third of "
      "the sentences.\n";
  EXPECT_EQ(JoinWrappedLines(text, SplitLines(text)).size(), 3u);
}

TEST(LinesTest, KeepsLinesThatHadRoomForTheNextWord) {
  const std::string text = "This heading has room\n" + std::string(kCut);
  EXPECT_EQ(JoinWrappedLines(text, SplitLines(text)).size(), 3u);
}

}  // namespace
}  // namespace quern::text
