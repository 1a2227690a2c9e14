#include "common/text/ngrams.h"

#include <gtest/gtest.h>

#include <vector>

namespace quern::text {
namespace {

TEST(NgramsTest, CountsHashesIncludingZero) {
  HashCounter counter(4);
  EXPECT_EQ(counter.Add(0), 0u);
  EXPECT_EQ(counter.Add(0), 1u);
  EXPECT_EQ(counter.Add(7), 0u);
  EXPECT_EQ(counter.CountAt(counter.AddAt(0)), 3u);
}

TEST(NgramsTest, OrderOfTokensMatters) {
  EXPECT_NE(ExtendHash(HashToken("a"), HashToken("b")), ExtendHash(HashToken("b"), HashToken("a")));
}

TEST(NgramsTest, NarrowsToWhatRepeatsAndNamesTheMostFrequent) {
  std::vector<uint64_t> tokens;
  for (const char* word : {"a", "b", "c", "a", "b", "d", "a", "b", "c", "x"}) tokens.push_back(HashToken(word));
  auto ngrams = Unigrams(tokens);
  ExtendNgrams(tokens, 1, ngrams);
  FrequentNgram top = KeepRepeated(ngrams);
  EXPECT_EQ(top.first, 0u);  // "a b", three times
  EXPECT_EQ(top.count, 3u);
  EXPECT_EQ(ngrams.size(), 5u);  // "b c" twice, too
  ExtendNgrams(tokens, 2, ngrams);
  top = KeepRepeated(ngrams);
  EXPECT_EQ(top.count, 2u);  // "a b c"
  EXPECT_EQ(ngrams.size(), 2u);
  ExtendNgrams(tokens, 3, ngrams);
  EXPECT_EQ(KeepRepeated(ngrams).count, 1u);
  EXPECT_TRUE(ngrams.empty());
}

TEST(NgramsTest, TextsShorterThanTheNgramHaveNone) {
  const std::vector<uint64_t> tokens = {1};
  auto ngrams = Unigrams(tokens);
  ExtendNgrams(tokens, 1, ngrams);
  EXPECT_TRUE(ngrams.empty());
  EXPECT_EQ(KeepRepeated(ngrams).count, 0u);
}

}  // namespace
}  // namespace quern::text
