// Totals of populations that are known, from samples of them.
#include "clients/cli/ratio_estimate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "absl/strings/str_cat.h"
#include "clients/cli/document_sample.h"

namespace quern::cli {
namespace {

// A document of a made-up corpus, as it stands there.
struct Made {
  std::string id;
  size_t bytes = 0;
  // What a job takes for it: by its bytes where it is kept, nothing where it is turned away.
  double tokens = 0;
  double calls = 0;
};

// Lengths as on the web, most of them short and a few very long; 40 % are turned away by rules, and of the others each
// goes to some of its stages. A tenth stand there twice.
std::vector<Made> MakePopulation(size_t size) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> length(6.5, 1.0);
  std::uniform_real_distribution<double> share(0, 1);
  std::vector<Made> corpus;
  for (size_t i = 0; i < size; ++i) {
    Made made;
    made.id = absl::StrCat("made-", i);
    made.bytes = static_cast<size_t>(std::clamp(length(random), 50.0, 60'000.0));
    made.calls = share(random) < 0.4 ? 0 : 2 + 2 * std::floor(share(random) * 4);
    made.tokens = made.calls * (300 + static_cast<double>(made.bytes) / 4 * (0.8 + 0.4 * share(random)));
    corpus.push_back(made);
    if (i % 10 == 0) corpus.push_back(made);
  }
  std::shuffle(corpus.begin(), corpus.end(), random);
  return corpus;
}

struct DrawnParts {
  SampleFrame frame;
  std::vector<double> tokens;
  std::vector<double> calls;
};

DrawnParts Draw(const std::vector<Made>& corpus, size_t size, uint64_t seed) {
  DocumentSample sample(size, seed);
  std::map<std::string, const Made*> by_id;
  v1::Document document;
  for (const Made& made : corpus) {
    document.set_id(made.id);
    document.mutable_text()->resize(made.bytes, 'x');
    sample.Add(document);
    by_id[made.id] = &made;
  }
  DrawnParts drawn;
  drawn.frame = sample.Frame();
  for (const v1::Document& one : sample.Documents()) {
    drawn.tokens.push_back(by_id[one.id()]->tokens);
    drawn.calls.push_back(by_id[one.id()]->calls);
  }
  return drawn;
}

// The true totals: a document that stands there twice is worked on once.
std::pair<double, double> Truth(const std::vector<Made>& corpus) {
  std::map<std::string, const Made*> by_id;
  for (const Made& made : corpus) by_id[made.id] = &made;
  double tokens = 0;
  double calls = 0;
  for (const auto& [id, made] : by_id) {
    tokens += made->tokens;
    calls += made->calls;
  }
  return {tokens, calls};
}

bool Holds(const Interval& interval, double truth) { return interval.low <= truth && truth <= interval.high; }

TEST(RatioEstimateTest, TheBoundsHoldTheTruthInNineteenOfTwentySamples) {
  constexpr int kSeeds = 400;
  const std::vector<Made> corpus = MakePopulation(3000);
  const auto [tokens, calls] = Truth(corpus);
  int tokens_held = 0;
  int calls_held = 0;
  double tokens_sum = 0;
  double calls_sum = 0;
  double relative_width = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    const DrawnParts drawn = Draw(corpus, 200, seed);
    const Interval of_tokens = EstimateTotal(drawn.frame, drawn.tokens);
    const Interval of_calls = EstimateTotal(drawn.frame, drawn.calls);
    tokens_held += Holds(of_tokens, tokens) ? 1 : 0;
    calls_held += Holds(of_calls, calls) ? 1 : 0;
    tokens_sum += of_tokens.value;
    calls_sum += of_calls.value;
    relative_width += (of_tokens.high - of_tokens.low) / 2 / tokens;
  }
  RecordProperty("tokens_held", tokens_held);
  RecordProperty("calls_held", calls_held);
  RecordProperty("half_width_permille", static_cast<int>(1000 * relative_width / kSeeds));
  // 95 % of 400 with its own error of ±2.1 % (95 %), and some room below for lengths as skewed as these.
  EXPECT_GE(tokens_held, 0.915 * kSeeds);
  EXPECT_LE(tokens_held, 0.985 * kSeeds);
  EXPECT_GE(calls_held, 0.925 * kSeeds);
  EXPECT_LE(calls_held, 0.985 * kSeeds);
  // Neither too high nor too low on the whole.
  EXPECT_NEAR(tokens_sum / kSeeds, tokens, 0.015 * tokens);
  EXPECT_NEAR(calls_sum / kSeeds, calls, 0.015 * calls);
  EXPECT_LT(relative_width / kSeeds, 0.25);
}

TEST(RatioEstimateTest, BytesNarrowWhatFollowsFromThem) {
  SampleFrame frame;
  frame.stands_for = {250, 250, 250, 250};
  frame.copies = {1, 1, 1, 1};
  frame.bytes = {10, 200, 3000, 40};
  frame.all_copies = 1000;
  frame.all_bytes = 500'000;
  const Interval exact = EstimateTotal(frame, {20, 400, 6000, 80});
  EXPECT_DOUBLE_EQ(exact.value, 1'000'000);
  EXPECT_NEAR(exact.high - exact.low, 0, 1e-3);
  // What has nothing to do with them is left to the number of documents.
  EXPECT_DOUBLE_EQ(EstimateTotal(frame, {2, 3, 2, 3}).value, 2500);
}

TEST(RatioEstimateTest, ASampleOfEverythingIsExact) {
  const std::vector<Made> corpus = MakePopulation(150);
  const auto [tokens, calls] = Truth(corpus);
  const DrawnParts drawn = Draw(corpus, 150, 3);
  ASSERT_TRUE(drawn.frame.complete);
  EXPECT_EQ(DifferentDocuments(drawn.frame), 150);
  const Interval interval = EstimateTotal(drawn.frame, drawn.tokens);
  EXPECT_NEAR(interval.value, tokens, 1e-6 * tokens);
  EXPECT_EQ(interval.low, interval.value);
  EXPECT_EQ(interval.high, interval.value);
  EXPECT_FALSE(Draw(corpus, 149, 3).frame.complete);
}

// By hand: 4 documents of 10, all 100 bytes long, with 0, 0, 4 and 4 calls.
TEST(RatioEstimateTest, FollowsTheFormula) {
  SampleFrame frame;
  frame.stands_for = {2.5, 2.5, 2.5, 2.5};
  frame.copies = {1, 1, 1, 1};
  frame.bytes = {100, 100, 100, 100};
  frame.all_copies = 10;
  frame.all_bytes = 1000;
  const Interval interval = EstimateTotal(frame, {0, 0, 4, 4});
  EXPECT_DOUBLE_EQ(interval.value, 20);
  // 10 · sqrt((1 − 4/10)/4 · 16/3), times Student's 3.1824 with 3 degrees of freedom.
  EXPECT_NEAR(interval.high, 20 + 3.1824 * 10 * std::sqrt(0.6 / 4 * 16 / 3), 0.001);
  EXPECT_EQ(interval.low, 8) << "what the sample holds is there";
}

TEST(RatioEstimateTest, CopiesOfADocumentAreOneDocument) {
  SampleFrame frame;
  frame.stands_for = {12.5, 12.5, 12.5, 12.5};
  frame.copies = {2, 2, 2, 2};
  frame.bytes = {200, 200, 200, 200};
  frame.all_copies = 100;
  frame.all_bytes = 10'000;
  EXPECT_EQ(DifferentDocuments(frame), 50);
  EXPECT_DOUBLE_EQ(EstimateTotal(frame, {3, 3, 3, 3}).value, 150);
}

TEST(RatioEstimateTest, NothingIsEstimatedAsNothing) {
  SampleFrame frame;
  frame.stands_for = {3, 3, 3};
  frame.copies = {1, 1, 1};
  frame.bytes = {10, 20, 30};
  frame.all_copies = 9;
  frame.all_bytes = 200;
  const Interval interval = EstimateTotal(frame, {0, 0, 0});
  EXPECT_EQ(interval.value, 0);
  EXPECT_EQ(interval.high, 0);
  EXPECT_EQ(EstimateTotal({}, {}).value, 0);
}

TEST(DocumentSampleTest, DependsOnTheSeedAndNotOnTheOrder) {
  std::vector<Made> corpus = MakePopulation(500);
  const auto ids = [&corpus](uint64_t seed) {
    DocumentSample sample(20, seed);
    v1::Document document;
    for (const Made& made : corpus) {
      document.set_id(made.id);
      sample.Add(document);
    }
    std::vector<std::string> all;
    for (const v1::Document& one : sample.Documents()) all.push_back(one.id());
    return all;
  };
  const std::vector<std::string> first = ids(1);
  EXPECT_EQ(first.size(), 20u);
  EXPECT_NE(ids(2), first);
  std::reverse(corpus.begin(), corpus.end());
  EXPECT_EQ(ids(1), first);
}

TEST(DocumentSampleTest, OfOneIdTheFirstContentIsKept) {
  DocumentSample sample(5, 0);
  v1::Document document;
  document.set_id("one");
  document.set_text("first");
  sample.Add(document);
  document.set_text("another");
  sample.Add(document);
  ASSERT_EQ(sample.Documents().size(), 1u);
  EXPECT_EQ(sample.Documents()[0].text(), "first");
  EXPECT_EQ(sample.Frame().copies, std::vector<double>{2});
  EXPECT_EQ(sample.Frame().bytes, std::vector<double>{12});
}

}  // namespace
}  // namespace quern::cli
