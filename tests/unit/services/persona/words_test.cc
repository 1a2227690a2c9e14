#include "services/persona/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace quern::persona {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// tools/make-domain-weights scans its sources in the same way: what changes here changes there.
TEST(WordsTest, ScansAsTheScriptDoes) {
  EXPECT_THAT(KeysOf("The boxes' batteries, bus & glasses."),
              ElementsAre(KeyOf("the"), KeyOf("box"), KeyOf("battery"), KeyOf("bus"), KeyOf("glass")));
  EXPECT_THAT(KeysOf("analysis LENS lens x naïve"), ElementsAre(KeyOf("analysis"), KeyOf("len"), KeyOf("naïve")));
  EXPECT_THAT(KeysOf("well—known “cats”\xC2\xA0"
                     "and 3dogs"),
              ElementsAre(KeyOf("well"), KeyOf("known"), KeyOf("cat"), KeyOf("and"), KeyOf("dog")));
}

TEST(WordsTest, CountsEachOccurrenceWithItsWeight) {
  WordCounts counts;
  CountWords("cat cats dog", 1, counts);
  CountWords("cat", 3, counts);
  EXPECT_EQ(counts[KeyOf("cat")], 5u);
  EXPECT_EQ(counts[KeyOf("dog")], 1u);
}

TEST(WordsTest, LeavesOutWhatIsNoWord) {
  EXPECT_THAT(KeysOf(""), IsEmpty());
  EXPECT_THAT(KeysOf("1 2 3 + = \n\t ."), IsEmpty());
  EXPECT_THAT(KeysOf(std::string(1'000'000, 'a')), IsEmpty());
}

// Documents are valid UTF-8 when they arrive, but nothing here may depend on it.
TEST(WordsTest, TakesAnyBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    WordCounts counts;
    CountWords(bytes, 1, counts);
    EXPECT_LE(counts.size(), bytes.size());
  }
  EXPECT_THAT(KeysOf("cat\xE2"), ElementsAre(KeyOf("cat")));
  EXPECT_THAT(KeysOf("cat\xC2"), ElementsAre(KeyOf("cat")));
}

}  // namespace
}  // namespace quern::persona
