#include "services/verifier/content_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quern::verifier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ContentWordsTest, StemsOfWhatCarriesContentInItsOrder) {
  EXPECT_THAT(ContentStems("Which bridges were built in 1931, and by whom?"), ElementsAre("bridg", "built", "1931"));
}

TEST(ContentWordsTest, AmongThemAreThoseThatAreWantedInTheirOrder) {
  const std::string text = "The built bridges of Bern were closed in 1931; a bridge is closing in 1950.";
  EXPECT_THAT(ContentStemsAmong(text, {"1931", "bridg", "close"}),
              ElementsAre("bridg", "close", "1931", "bridg", "close"));
  EXPECT_THAT(ContentStemsAmong(text, {"close", "bridges"}), ElementsAre("close", "close")) << "no stem";
  EXPECT_THAT(ContentStemsAmong("WHO was it?", {"who"}), ElementsAre("who")) << "in capitals it is a name";
  EXPECT_THAT(ContentStemsAmong("who was it?", {"who"}), IsEmpty());
  EXPECT_THAT(ContentStemsAmong(text, {}), IsEmpty());
}

// Of these the stemmer makes exceptions; what their stems begin with is what ContentStemsAmong goes by.
TEST(ContentWordsTest, IrregularStemsAreFoundAmongThem) {
  for (const std::string word : {"skies", "skis", "dying", "lying", "tying", "idly", "gently", "ugly", "early", "only",
                                 "singly", "yelling", "youth", "überragend", "Ångström", "O'Neill's"}) {
    const std::vector<std::string> stems = ContentStems(word);
    EXPECT_EQ(stems.size(), 1u) << word;
    EXPECT_EQ(ContentStemsAmong(word, stems), stems) << word;
  }
}

}  // namespace
}  // namespace quern::verifier
