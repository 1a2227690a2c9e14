#include "services/persona/domain_classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "common/base/error.h"
#include "services/persona/builtin.h"

namespace quern::persona {
namespace {

DomainGuess Guess(const std::string& text) {
  WordCounts words;
  CountWords(text, 1, words);
  return BuiltinClassifier().Classify(words);
}

// The floor below docs/quality/domains.md's figures: 60 of 70 were right when it was written. The paragraphs were
// written after the method was settled, so constants must not be chosen on them.
TEST(DomainClassifierTest, KnowsTheDomainOfMostParagraphs) {
  constexpr double kDefaultMinConfidence = 0.3;
  std::ifstream file("tests/data/domains.jsonl");
  std::map<std::string, int> right, all;
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    const std::string domain = row["domain"];
    const DomainGuess guess = Guess(row["text"]);
    const size_t said = guess.probability[guess.best] >= kDefaultMinConfidence ? guess.best : kOther;
    ++all[domain];
    right[domain] += kDomains[said] == domain;
  }
  ASSERT_EQ(all.size(), kDomains.size());
  int sum = 0;
  for (const auto& [domain, count] : all) {
    EXPECT_GE(count, 6) << domain;
    EXPECT_GE(right[domain], 3) << domain;
    sum += right[domain];
  }
  EXPECT_GE(sum, 56);
}

TEST(DomainClassifierTest, ProbabilitiesSumToOne) {
  for (const std::string text : {"", "zzqx", "The patient has a fever.", "a matrix of rings and groups"}) {
    const DomainGuess guess = Guess(text);
    EXPECT_NEAR(std::accumulate(guess.probability.begin(), guess.probability.end(), 0.0), 1.0, 1e-9) << text;
  }
}

TEST(DomainClassifierTest, KnowsNothingOfUnknownWords) {
  const DomainGuess guess = Guess("zzqx wvut");
  EXPECT_EQ(guess.best, kOther);
  EXPECT_NEAR(guess.probability[0], 0.1, 1e-9);
}

TEST(DomainClassifierTest, RefusesBrokenWeightsWithTheirLine) {
  const std::string row = "\tYYYYYYYYYY\n";
  EXPECT_TRUE(DomainClassifier::FromWeights("cat" + row + "dog" + row).ok());
  for (const std::string& bad :
       {std::string("dog\n"), std::string("dog\tYYY\n"), "cat" + row, row, std::string("dog\tYYYYYYYYY~\n")}) {
    const auto classifier = DomainClassifier::FromWeights("cat" + row + bad);
    EXPECT_EQ(ErrorReason(classifier.status()), "BAD_DOMAIN_WEIGHTS") << bad;
    EXPECT_THAT(std::string(classifier.status().message()), ::testing::HasSubstr("line 2")) << bad;
  }
}

}  // namespace
}  // namespace quern::persona
