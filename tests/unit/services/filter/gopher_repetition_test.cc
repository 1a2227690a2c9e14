#include "services/filter/gopher_repetition.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/services/filter/prose.h"

namespace quern::filter {
namespace {

std::optional<Finding> Check(const std::string& text, const GopherRepetitionThresholds& thresholds = {}) {
  return CheckGopherRepetition(MakeProfile(text, 1'000'000), thresholds);
}

std::string RepetitionReason(const std::string& text, const GopherRepetitionThresholds& thresholds = {}) {
  const auto finding = Check(text, thresholds);
  return finding ? std::string(finding->reason) : "";
}

// Thresholds that nothing exceeds, so that a test can lower one.
GopherRepetitionThresholds Lenient() {
  GopherRepetitionThresholds thresholds;
  thresholds.max_duplicate_lines = thresholds.max_duplicate_paragraphs = 1;
  thresholds.max_duplicate_line_characters = thresholds.max_duplicate_paragraph_characters = 1;
  thresholds.max_top_ngram_characters.fill(100);
  thresholds.max_duplicate_ngram_characters.fill(1);
  return thresholds;
}

// Ten elements of 9 letters, of which the last `repeated` are the first again.
std::string Elements(int repeated, const std::string& separator) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += std::string(9, static_cast<char>(i < 10 - repeated ? 'a' + i : 'a')) + separator;
  return text;
}

TEST(GopherRepetitionTest, KeepsAnArticle) { EXPECT_EQ(RepetitionReason(Article()), ""); }

TEST(GopherRepetitionTest, ThreeLinesInTenMayRepeat) {
  GopherRepetitionThresholds thresholds = Lenient();
  thresholds.max_duplicate_lines = 0.3;
  EXPECT_EQ(RepetitionReason(Elements(3, "\n"), thresholds), "");
  EXPECT_EQ(RepetitionReason(Elements(4, "\n"), thresholds), "GOPHER_DUPLICATE_LINES");
}

TEST(GopherRepetitionTest, ThreeParagraphsInTenMayRepeat) {
  GopherRepetitionThresholds thresholds = Lenient();
  thresholds.max_duplicate_paragraphs = 0.3;
  EXPECT_EQ(RepetitionReason(Elements(3, "\n\n"), thresholds), "");
  EXPECT_EQ(RepetitionReason(Elements(4, "\n\n"), thresholds), "GOPHER_DUPLICATE_PARAGRAPHS");
}

TEST(GopherRepetitionTest, CharactersOfRepeatedLinesAreAShareOfTheText) {
  GopherRepetitionThresholds thresholds = Lenient();
  thresholds.max_duplicate_line_characters = 0.18;  // two lines of 9 characters in a text of 100
  EXPECT_EQ(RepetitionReason(Elements(2, "\n"), thresholds), "");
  thresholds.max_duplicate_line_characters = 0.179;
  const auto finding = Check(Elements(2, "\n"), thresholds);
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->reason, "GOPHER_DUPLICATE_LINE_CHARACTERS");
  EXPECT_DOUBLE_EQ(finding->value, 0.18);
  thresholds = Lenient();
  thresholds.max_duplicate_paragraph_characters = 0.16;  // 18 characters of 110
  EXPECT_EQ(RepetitionReason(Elements(2, "\n\n"), thresholds), "GOPHER_DUPLICATE_PARAGRAPH_CHARACTERS");
  thresholds.max_duplicate_paragraph_characters = 0.17;
  EXPECT_EQ(RepetitionReason(Elements(2, "\n\n"), thresholds), "");
}

TEST(GopherRepetitionTest, MostFrequentNgramCountsWithItsSpaces) {
  // "ab cd" twice is 2 * 5 of 20 characters.
  const std::string text = "ab cd efg ab cd hijk";
  GopherRepetitionThresholds thresholds = Lenient();
  thresholds.max_top_ngram_characters[0] = 0.5;
  EXPECT_EQ(RepetitionReason(text, thresholds), "");
  thresholds.max_top_ngram_characters[0] = 0.49;
  const auto finding = Check(text, thresholds);
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->reason, "GOPHER_TOP_2_GRAM");
  EXPECT_DOUBLE_EQ(finding->value, 0.5);
}

TEST(GopherRepetitionTest, EachLengthOfTopNgramHasItsThreshold) {
  const std::string text = "a b c d x a b c d y a b c d z";
  for (size_t i = 0; i < 3; ++i) {
    GopherRepetitionThresholds thresholds = Lenient();
    thresholds.max_top_ngram_characters[i] = 0;
    EXPECT_EQ(RepetitionReason(text, thresholds), "GOPHER_TOP_" + std::to_string(i + 2) + "_GRAM");
  }
}

TEST(GopherRepetitionTest, AnNgramThatOccursOnceIsNoRepetition) {
  GopherRepetitionThresholds strict;
  strict.max_top_ngram_characters.fill(0);
  strict.max_duplicate_ngram_characters.fill(0);
  EXPECT_EQ(RepetitionReason("every word here is another one", strict), "");
}

TEST(GopherRepetitionTest, RepeatedNgramsCountOnceAndWithoutSpaces) {
  // Ten words of two letters, twice: one repeated 10-gram of 20 letters, two repeated 5-grams of 10 letters each.
  const std::string ten = "aa bb cc dd ee ff gg hh ii jj ";
  const std::string text = ten + ten;
  for (const size_t length : {5, 10}) {
    GopherRepetitionThresholds thresholds = Lenient();
    thresholds.max_duplicate_ngram_characters[length - 5] = 20.0 / 60;
    EXPECT_EQ(RepetitionReason(text, thresholds), "") << length;
    thresholds.max_duplicate_ngram_characters[length - 5] = 19.9 / 60;
    EXPECT_EQ(RepetitionReason(text, thresholds), "GOPHER_DUPLICATE_" + std::to_string(length) + "_GRAMS");
  }
}

TEST(GopherRepetitionTest, OverlappingRepetitionsAreNotCountedTwice) {
  // Eleven times one word: of the 5-grams, the second overlaps the first and repeats it; then the walk jumps by five.
  std::string text;
  for (int i = 0; i < 11; ++i) text += "a ";
  GopherRepetitionThresholds thresholds = Lenient();
  thresholds.max_duplicate_ngram_characters[0] = 0.1;
  const auto finding = Check(text, thresholds);
  ASSERT_TRUE(finding.has_value());
  EXPECT_DOUBLE_EQ(finding->value, 10.0 / 22);
}

}  // namespace
}  // namespace quern::filter
