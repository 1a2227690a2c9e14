#include "services/generator/candidate_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace quern::generator {
namespace {

std::vector<Candidate> Asking(const std::string& question) {
  std::vector<Candidate> candidates(1);
  candidates[0].question = question;
  return candidates;
}

TEST(CandidateCacheTest, ManyThreadsAtOnceMakeADocumentsCandidatesOnce) {
  CandidateCache cache(4);
  std::atomic<int> made = 0, right = 0;
  const auto make = [&] {
    ++made;
    return Asking("once");
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { right += cache.Get("d", make)->at(0).question == "once"; });
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(right, 8);
}

TEST(CandidateCacheTest, DropsWhatWasUsedLongestAgoAndLeavesItToThoseWhoHoldIt) {
  CandidateCache cache(2);
  const CandidateCache::Value a = cache.Get("a", [] { return Asking("first a"); });
  cache.Get("b", [] { return Asking("b"); });
  cache.Get("a", [] { return Asking("not asked"); });
  cache.Get("c", [] { return Asking("c"); });
  EXPECT_EQ(cache.Get("a", [] { return Asking("second a"); })->at(0).question, "first a");
  EXPECT_EQ(cache.Get("b", [] { return Asking("second b"); })->at(0).question, "second b");
  cache.Get("c", [] { return Asking("c"); });
  EXPECT_EQ(cache.Get("a", [] { return Asking("second a"); })->at(0).question, "second a");
  EXPECT_EQ(a->at(0).question, "first a");
}

}  // namespace
}  // namespace quern::generator
