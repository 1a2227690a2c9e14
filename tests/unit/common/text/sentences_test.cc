#include "common/text/sentences.h"

#include <gtest/gtest.h>

#include <chrono>

namespace quern::text {
namespace {

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> result;
  for (const SentenceSpan& span : SplitSentences(text))
    result.emplace_back(text.substr(span.begin, span.end - span.begin));
  return result;
}

using Strings = std::vector<std::string>;

TEST(SentencesTest, AbbreviationsDoNotEndASentence) {
  EXPECT_EQ(Split("Dr. Adams met Mrs. Brown. They left."), (Strings{"Dr. Adams met Mrs. Brown.", "They left."}));
}

TEST(SentencesTest, InitialsDoNotEndASentence) {
  EXPECT_EQ(Split("It was isolated by F. Wohler in 1828. It is grey."),
            (Strings{"It was isolated by F. Wohler in 1828.", "It is grey."}));
}

TEST(SentencesTest, SymbolEndsASentence) {
  EXPECT_EQ(Split("The symbol of hydrogen is H. The symbol of helium is He."),
            (Strings{"The symbol of hydrogen is H.", "The symbol of helium is He."}));
  EXPECT_EQ(Split("The symbol of hydrogen is H."), (Strings{"The symbol of hydrogen is H."}));
}

TEST(SentencesTest, LineBreaksJoinAndBlankLinesEnd) {
  EXPECT_EQ(Split("A line\nthat goes on.\n\nHeading\n\nNext one."),
            (Strings{"A line\nthat goes on.", "Heading", "Next one."}));
}

TEST(SentencesTest, ListEntriesAreApart) {
  EXPECT_EQ(Split("Parts:\n- one\n- two"), (Strings{"Parts:", "- one", "- two"}));
}

TEST(SentencesTest, OneMegabyteWithoutAStopIsLinear) {
  const std::string text(1 << 20, 'a');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(SplitSentences(text).size(), 1u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

}  // namespace
}  // namespace quern::text
