#include "services/filter/gopher_quality.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/services/filter/prose.h"

namespace quern::filter {
namespace {

// The reason for which `text` is rejected, or "".
std::string QualityReason(const std::string& text, const GopherQualityThresholds& thresholds = {},
                          bool stop_words = false) {
  const auto finding = CheckGopherQuality(MakeProfile(text, 1'000'000), thresholds, stop_words);
  return finding ? std::string(finding->reason) : "";
}

// A text of `ordinary` words and `odd` copies of `odd_token`.
std::string Mixed(int ordinary, int odd, const std::string& odd_token) {
  std::string text = DistinctWords(ordinary);
  for (int i = 0; i < odd; ++i) text += odd_token + " ";
  return text;
}

TEST(GopherQualityTest, KeepsAnArticle) { EXPECT_EQ(QualityReason(Article(), {}, true), ""); }

TEST(GopherQualityTest, WordCountMayLieOnItsBounds) {
  EXPECT_EQ(QualityReason(DistinctWords(49)), "GOPHER_WORD_COUNT");
  EXPECT_EQ(QualityReason(DistinctWords(50)), "");
  GopherQualityThresholds thresholds;
  thresholds.max_words = 60;
  EXPECT_EQ(QualityReason(DistinctWords(60), thresholds), "");
  EXPECT_EQ(QualityReason(DistinctWords(61), thresholds), "GOPHER_WORD_COUNT");
}

TEST(GopherQualityTest, MarksAreNoWords) {
  const auto finding = CheckGopherQuality(MakeProfile(DistinctWords(49) + "! ! ! ! ! (((", 1000), {}, false);
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->value, 49);
  EXPECT_EQ(finding->threshold, 50);
}

TEST(GopherQualityTest, MeanWordLengthMayLieOnItsBounds) {
  EXPECT_EQ(QualityReason(DistinctWords(100, 3)), "");
  EXPECT_EQ(QualityReason(Mixed(100, 0, "") + DistinctWords(300, 2)), "GOPHER_MEAN_WORD_LENGTH");
  EXPECT_EQ(QualityReason(DistinctWords(100, 10)), "");
  EXPECT_EQ(QualityReason(DistinctWords(100, 10) + "abcdefghijk"), "GOPHER_MEAN_WORD_LENGTH");
}

TEST(GopherQualityTest, MeanWordLengthCountsCharactersNotBytes) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "\u0431\u0432\u0433\u0434\u0435\u0436 ";  // six letters, twelve bytes
  EXPECT_EQ(QualityReason(text), "");
}

TEST(GopherQualityTest, HashesPerWordMayLieOnTheBound) {
  EXPECT_EQ(QualityReason(Mixed(100, 10, "#")), "");
  EXPECT_EQ(QualityReason(Mixed(100, 11, "#")), "GOPHER_HASH_RATIO");
}

TEST(GopherQualityTest, EllipsesPerWordMayLieOnTheBound) {
  EXPECT_EQ(QualityReason(Mixed(100, 10, "... ,")), "");
  EXPECT_EQ(QualityReason(Mixed(100, 11, "... ,")), "GOPHER_ELLIPSIS_RATIO");
  EXPECT_EQ(QualityReason(Mixed(100, 11, "\u2026 ,")), "GOPHER_ELLIPSIS_RATIO");
}

// Ten lines of ten words, `odd` of which are made by `make`.
template <typename Make>
std::string Lines(int odd, Make make) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += i < odd ? make(DistinctWords(10)) + "\n" : DistinctWords(10) + "\n";
  return text;
}

TEST(GopherQualityTest, NineLinesInTenMayBeginWithABullet) {
  const auto bullet = [](const std::string& line) { return "  \u2022 " + line; };
  EXPECT_EQ(QualityReason(Lines(9, bullet)), "");
  EXPECT_EQ(QualityReason(Lines(10, bullet)), "GOPHER_BULLET_LINES");
  EXPECT_EQ(QualityReason(Lines(10, [](const std::string& line) { return "- " + line; })), "GOPHER_BULLET_LINES");
}

TEST(GopherQualityTest, ThreeLinesInTenMayEndInAnEllipsis) {
  const auto trail = [](const std::string& line) { return line + "..."; };
  EXPECT_EQ(QualityReason(Lines(3, trail)), "");
  EXPECT_EQ(QualityReason(Lines(4, trail)), "GOPHER_ELLIPSIS_LINES");
}

TEST(GopherQualityTest, OneWordInFiveMayBeWithoutALetter) {
  EXPECT_EQ(QualityReason(Mixed(80, 20, "12345")), "");
  EXPECT_EQ(QualityReason(Mixed(79, 21, "12345")), "GOPHER_ALPHABETIC_WORDS");
}

TEST(GopherQualityTest, AsksForTwoDifferentStopWords) {
  EXPECT_EQ(QualityReason(DistinctWords(60) + "the The the", {}, true), "GOPHER_STOP_WORDS");
  EXPECT_EQ(QualityReason(DistinctWords(60) + "The and", {}, true), "");
  EXPECT_EQ(QualityReason(DistinctWords(60), {}, false), "") << "not asked of other languages";
}

TEST(GopherQualityTest, TakesStopWordsOfAnotherLanguage) {
  GopherQualityThresholds thresholds;
  thresholds.stop_words = {"und", "f\u00FCr"};
  EXPECT_EQ(QualityReason(DistinctWords(60) + "und f\u00FCr", thresholds, true), "");
  EXPECT_EQ(QualityReason(DistinctWords(60) + "the and", thresholds, true), "GOPHER_STOP_WORDS");
}

}  // namespace
}  // namespace quern::filter
