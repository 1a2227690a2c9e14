#include "services/filter/heuristics.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/services/filter/prose.h"

namespace quern::filter {
namespace {

std::string HeuristicsReason(const std::string& text, const Thresholds& thresholds = {}) {
  const auto judgement = JudgeText(text, thresholds);
  const auto* rejection = std::get_if<v1::Rejection>(&judgement);
  return rejection != nullptr ? rejection->reason() : "";
}

constexpr char kGerman[] =
    "Granit ist ein Gestein, das tief unter der Erde entsteht, wo die Schmelze so langsam abk\u00FChlt, dass "
    "gro\u00DFe "
    "Kristalle wachsen k\u00F6nnen. Seit Jahrtausenden baut man daraus Tempel und H\u00E4user. Das Wort stammt aus dem "
    "Lateinischen und beschreibt das k\u00F6rnige Aussehen. Steinmetze wissen, dass er Frost und Regen besser "
    "widersteht als Kalk. In den Alpen bildet er schroffe Gipfel. Man findet ihn auch im Harz und im Schwarzwald.";

TEST(HeuristicsTest, KeepsAnArticleWithItsLanguage) {
  const auto judgement = JudgeText(Article(), Thresholds());
  const auto* verdict = std::get_if<v1::FilterVerdict>(&judgement);
  ASSERT_NE(verdict, nullptr) << std::get<v1::Rejection>(judgement).reason();
  EXPECT_EQ(verdict->language(), "en");
  EXPECT_GT(verdict->language_score(), 0.9);
}

TEST(HeuristicsTest, FiftyTokensAreEnough) {
  Thresholds thresholds;
  thresholds.gopher_quality.enabled = thresholds.language.enabled = thresholds.c4.enabled = false;
  // 45 words and 5 full stops.
  EXPECT_EQ(HeuristicsReason(DistinctWords(45), thresholds), "");
  const auto judgement = JudgeText(DistinctWords(44), thresholds);
  const auto& rejection = std::get<v1::Rejection>(judgement);
  EXPECT_EQ(rejection.reason(), "TOO_FEW_TOKENS");
  EXPECT_EQ(rejection.stage(), v1::STAGE_NAME_FILTER);
  EXPECT_EQ(rejection.value(), 49);
  EXPECT_EQ(rejection.threshold(), 50);
  EXPECT_EQ(rejection.message(), "number of tokens: 49, less than 50");
}

TEST(HeuristicsTest, TurnsOtherLanguagesAwayUnlessWanted) {
  EXPECT_EQ(HeuristicsReason(kGerman), "LANGUAGE");
  Thresholds thresholds;
  thresholds.language.wanted = {"en", "de"};
  EXPECT_EQ(HeuristicsReason(kGerman, thresholds), "") << "English stop words are not asked of German";
}

TEST(HeuristicsTest, TurnsMixedTextAwayByItsShare) {
  Thresholds thresholds;
  const std::string mixed = Article() + "\n" + kGerman;
  thresholds.language.min_score = 0.95;
  const auto judgement = JudgeText(mixed, thresholds);
  ASSERT_TRUE(std::holds_alternative<v1::Rejection>(judgement));
  EXPECT_EQ(std::get<v1::Rejection>(judgement).reason(), "LANGUAGE_SCORE");
  EXPECT_LT(std::get<v1::Rejection>(judgement).value(), 0.95);
}

TEST(HeuristicsTest, EveryFamilyCanBeSwitchedOff) {
  std::string text = Article() + Article() + "Dear {name}\n";
  Thresholds thresholds;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "GOPHER_DUPLICATE_PARAGRAPHS");
  thresholds.gopher_repetition.enabled = false;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "FINEWEB_DUPLICATE_LINES");
  thresholds.fineweb.enabled = false;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "C4_CURLY_BRACKET");
  thresholds.c4.enabled = false;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "");
  thresholds.gopher_quality.min_words = 10'000;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "GOPHER_WORD_COUNT");
  thresholds.gopher_quality.enabled = false;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "");
}

TEST(HeuristicsTest, EveryFamilyIsAskedWhereItIsTheOnlyOne) {
  const std::string text = Article() + Article() + "Dear {name}\n";
  Thresholds none;
  none.gopher_quality.enabled = none.gopher_repetition.enabled = none.fineweb.enabled = none.c4.enabled = false;
  Thresholds thresholds = none;
  thresholds.gopher_quality.enabled = true;
  thresholds.gopher_quality.min_words = 10'000;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "GOPHER_WORD_COUNT");
  thresholds = none;
  thresholds.gopher_repetition.enabled = true;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "GOPHER_DUPLICATE_PARAGRAPHS");
  thresholds = none;
  thresholds.fineweb.enabled = true;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "FINEWEB_DUPLICATE_LINES");
  thresholds = none;
  thresholds.c4.enabled = true;
  EXPECT_EQ(HeuristicsReason(text, thresholds), "C4_CURLY_BRACKET");
}

TEST(HeuristicsTest, MessageHoldsNoText) {
  const auto judgement = JudgeText(Article() + "canaryword { and more words.", Thresholds());
  EXPECT_EQ(std::get<v1::Rejection>(judgement).message().find("canary"), std::string::npos);
}

}  // namespace
}  // namespace quern::filter
