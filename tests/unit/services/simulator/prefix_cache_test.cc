#include "services/simulator/prefix_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace quern::simulator {
namespace {

// `blocks` blocks that hold `c`.
std::string Text(size_t blocks, char c) { return std::string(blocks * PrefixCache::kBlockBytes, c); }

TEST(PrefixCacheTest, KnowsWholeBlocksOfTheBeginning) {
  PrefixCache cache(1000);
  const std::string document = Text(4, 'a');
  EXPECT_EQ(cache.Use(document + "the first task"), 0U);
  EXPECT_EQ(cache.Use(document + "the second task"), 4 * PrefixCache::kBlockTokens);
}

TEST(PrefixCacheTest, ForgetsNothingBehindADifference) {
  PrefixCache cache(1000);
  cache.Use(Text(1, 'a') + Text(3, 'c'));
  // The last three blocks are the same, but what stands before them is not.
  EXPECT_EQ(cache.Use(Text(1, 'b') + Text(3, 'c')), 0U);
  EXPECT_EQ(cache.Use(Text(1, 'a') + Text(3, 'c')), 4 * PrefixCache::kBlockTokens);
}

TEST(PrefixCacheTest, ForgetsWhatWasUsedLongestAgo) {
  PrefixCache cache(4 * PrefixCache::kBlockTokens);
  cache.Use(Text(2, 'a'));
  cache.Use(Text(2, 'b'));
  EXPECT_EQ(cache.Use(Text(2, 'a')), 2 * PrefixCache::kBlockTokens);
  cache.Use(Text(2, 'c'));
  EXPECT_EQ(cache.Use(Text(2, 'b')), 0U);
}

TEST(PrefixCacheTest, ForgetsTheEndOfAPromptFirst) {
  PrefixCache cache(4 * PrefixCache::kBlockTokens);
  cache.Use(Text(3, 'a'));
  cache.Use(Text(2, 'b'));
  EXPECT_EQ(cache.Use(Text(3, 'a')), 2 * PrefixCache::kBlockTokens);
}

TEST(PrefixCacheTest, KeepsNothingWithoutRoom) {
  PrefixCache cache(0);
  cache.Use(Text(2, 'a'));
  EXPECT_EQ(cache.Use(Text(2, 'a')), 0U);
}

}  // namespace
}  // namespace quern::simulator
