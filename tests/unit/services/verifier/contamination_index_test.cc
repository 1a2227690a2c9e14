#include "services/verifier/contamination_index.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/verifier/contamination_builder.h"

namespace quern::verifier {
namespace {

using Index = std::shared_ptr<const ContaminationIndex>;

constexpr char kSeventeen[] =
    "A robe takes 2 bolts of blue fiber and half that much white fiber. How many bolts in total?";

Index MakeIndex(const std::vector<std::string>& entries, size_t words = 13, size_t short_words = 8) {
  ContaminationIndex::Builder builder(words, short_words);
  builder.BeginSet("gsm8k");
  for (size_t i = 0; i < entries.size(); ++i) EXPECT_TRUE(builder.Add(i + 1, entries[i]));
  return builder.Build();
}

// "w1 w2 ... wn"
std::string Words(int first, int last) {
  std::vector<std::string> words;
  for (int i = first; i <= last; ++i) words.push_back(absl::StrCat("w", i));
  return absl::StrJoin(words, " ");
}

TEST(ContaminationIndexTest, FindsAQuestionAcrossCaseAndPunctuation) {
  const Index index = MakeIndex({"Something else entirely.", kSeventeen});
  const auto found =
      index->Find("Here: “a ROBE takes 2 bolts – of blue fiber, and half that much white fiber”; how many?");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->set, "gsm8k");
  EXPECT_EQ(found->entry, 2u);
  EXPECT_EQ(found->words, "a robe takes 2 bolts of blue fiber and half that much white");
}

TEST(ContaminationIndexTest, ThirteenWordsInARowMatchAndTwelveDoNot) {
  const Index index = MakeIndex({Words(1, 40)});
  EXPECT_TRUE(index->Find("x y " + Words(3, 15) + " z"));
  EXPECT_FALSE(index->Find("x y " + Words(3, 14) + " z"));
  EXPECT_FALSE(index->Find(Words(1, 12) + " x " + Words(13, 24)));
  EXPECT_EQ(index->Find(Words(28, 40))->words, Words(28, 40));  // the last n-gram
  EXPECT_EQ(index->Find(Words(1, 13))->words, Words(1, 13));    // the first
}

TEST(ContaminationIndexTest, WordsMatchWholeOnly) {
  const Index index = MakeIndex({Words(1, 13)});
  EXPECT_FALSE(index->Find(Words(1, 12) + " w1"));
  EXPECT_FALSE(index->Find("xw1 " + Words(2, 13)));
}

TEST(ContaminationIndexTest, PunctuationBetweenWordsIsNoWord) {
  const Index index = MakeIndex({Words(1, 6) + " - " + Words(7, 12)});
  EXPECT_FALSE(index->Find(Words(1, 6) + " - " + Words(7, 12) + " end"));  // 12 words shared, not 13
  EXPECT_TRUE(MakeIndex({Words(1, 13)})->Find(Words(1, 6) + " — " + Words(7, 13) + " ?"));
}

TEST(ContaminationIndexTest, NgramsDoNotReachOverTheEndOfAnEntry) {
  const Index index = MakeIndex({Words(1, 10), Words(11, 20)});
  EXPECT_FALSE(index->Find(Words(1, 20)));
}

TEST(ContaminationIndexTest, ShortQuestionsAreFoundByShorterNgrams) {
  const Index index = MakeIndex({Words(1, 40)});
  EXPECT_EQ(index->Find("x " + Words(5, 12) + " y")->words, Words(5, 12));  // 10 words, 8 of them shared
  EXPECT_FALSE(index->Find("x " + Words(5, 11) + " y"));                    // 7 shared
  EXPECT_FALSE(index->Find("a b c d e " + Words(5, 12)));                   // 13 words: 8 shared ones are not enough
}

TEST(ContaminationIndexTest, VeryShortQuestionsMustBeAWholeEntry) {
  const Index index = MakeIndex({"Who wrote Emma?", Words(1, 40)});
  const auto found = index->Find("who WROTE “Emma”");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->words, "who wrote emma");
  EXPECT_FALSE(index->Find("Who wrote Emma first?"));
  EXPECT_FALSE(index->Find("Who wrote?"));
  EXPECT_FALSE(index->Find(Words(1, 7)));  // a part of an entry
}

TEST(ContaminationIndexTest, LengthsAreTheSpecs) {
  const Index index = MakeIndex({Words(1, 40)}, 5, 5);
  EXPECT_TRUE(index->Find("x " + Words(3, 7) + " y"));
  EXPECT_FALSE(index->Find("x " + Words(3, 6) + " y"));
  EXPECT_EQ(index->size(), 36u);
}

// "Which of the following statements about ... is true" is nobody's question.
TEST(ContaminationIndexTest, NgramsOfMoreThanTenEntriesAreIgnored) {
  std::vector<std::string> entries;
  for (int i = 0; i < 10; ++i) entries.push_back(Words(1, 13) + absl::StrCat(" about ", i));
  EXPECT_TRUE(MakeIndex(entries)->Find(Words(1, 13)));
  // Many times in one entry is still one entry.
  entries.back() = absl::StrJoin(std::vector<std::string>(20, Words(1, 13)), " ");
  EXPECT_TRUE(MakeIndex(entries)->Find(Words(1, 13)));
  entries.push_back(Words(1, 13));
  const Index index = MakeIndex(entries);
  EXPECT_FALSE(index->Find(Words(1, 13)));
  EXPECT_TRUE(index->Find(Words(2, 13) + " about"));  // of nine entries
}

TEST(ContaminationIndexTest, NgramsAreCountedBySet) {
  ContaminationIndex::Builder builder(13, 8);
  builder.BeginSet("many");
  for (int i = 0; i < 11; ++i) builder.Add(i + 1, Words(1, 13));
  builder.BeginSet("one");
  builder.Add(7, Words(1, 13));
  const auto found = builder.Build()->Find(Words(1, 13));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->set, "one");
  EXPECT_EQ(found->entry, 7u);
}

TEST(ContaminationIndexTest, NothingIsFoundInNothing) {
  EXPECT_FALSE(MakeIndex({})->Find(kSeventeen));
  EXPECT_FALSE(MakeIndex({"?!"})->Find("?!"));
  EXPECT_FALSE(MakeIndex({kSeventeen})->Find(""));
}

TEST(ContaminationIndexTest, FindsEveryEntryOfMany) {
  std::vector<std::string> entries;
  for (int i = 0; i < 2000; ++i) entries.push_back(Words(20 * i, 20 * i + 19));
  const Index index = MakeIndex(entries);
  for (int i = 0; i < 2000; ++i) {
    const auto found = index->Find("x " + entries[i]);
    ASSERT_TRUE(found) << i;
    EXPECT_EQ(found->entry, static_cast<uint64_t>(i + 1));
  }
}

}  // namespace
}  // namespace quern::verifier
