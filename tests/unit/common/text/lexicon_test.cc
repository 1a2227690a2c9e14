#include "common/text/lexicon.h"

#include <gtest/gtest.h>

#include "common/text/stem.h"

namespace quern::text {
namespace {

TEST(LexiconTest, FindsTheBaseOfAVerb) {
  const Lexicon& lexicon = Lexicon::English();
  using Form = std::pair<std::string, VerbForm>;
  EXPECT_EQ(lexicon.Verb("wrote"), Form("write", VerbForm::kPast));
  EXPECT_EQ(lexicon.Verb("founded"), Form("found", VerbForm::kPast));
  EXPECT_EQ(lexicon.Verb("stopped"), Form("stop", VerbForm::kPast));
  EXPECT_EQ(lexicon.Verb("released"), Form("release", VerbForm::kPast));
  EXPECT_EQ(lexicon.Verb("carried"), Form("carry", VerbForm::kPast));
  EXPECT_EQ(lexicon.Verb("table").second, VerbForm::kBase);
  EXPECT_EQ(lexicon.Verb("hydrogen").second, VerbForm::kNone);
}

TEST(LexiconTest, KnowsWhatWordsName) {
  const Lexicon& lexicon = Lexicon::English();
  EXPECT_NE(lexicon.Classes("novelist") & kPersonNoun, 0u);
  EXPECT_NE(lexicon.Classes("cities") & kNoun, 0u);
  EXPECT_NE(lexicon.Classes("Denmark") & kCountryName, 0u);
  EXPECT_NE(lexicon.Classes("of") & kPreposition, 0u);
  EXPECT_EQ(lexicon.Classes("xyzzyx"), 0u);
  EXPECT_TRUE(lexicon.IsPlural("bones"));
  EXPECT_FALSE(lexicon.IsPlural("glass"));
}

TEST(StemTest, FoldsInflections) {
  EXPECT_EQ(StemOf("Discovered"), StemOf("discovering"));
  EXPECT_NE(StemOf("universe"), StemOf("uniform"));
  EXPECT_EQ(StemOf(std::string(100, 'A')), std::string(100, 'a'));
}

}  // namespace
}  // namespace quern::text
