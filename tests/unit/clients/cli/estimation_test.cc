// From what a sample took to what a job takes.
#include "clients/cli/estimation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quern::cli {
namespace {

using ::testing::HasSubstr;

constexpr char kSmall[] = "small";

// Four of ten documents of the same length, each with one call of 2 s, 100 tokens in and 10 out at the filter.
class EstimationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    v1::ModelSpec* model = spec_.add_models();
    model->set_name(kSmall);
    model->add_base_urls("http://a/v1");
    model->add_base_urls("http://b/v1");
    model->set_max_concurrency(2);
    model->mutable_price()->set_input(1);
    for (const char* id : {"a", "b", "c", "d"}) {
      sample_.documents.emplace_back(id);
      sample_.frame.stands_for.push_back(2);
      sample_.frame.copies.push_back(1);
      sample_.frame.bytes.push_back(100);
      DocumentUsage& usage = sample_.usages[id][{"filter", kSmall}];
      usage.calls = 1;
      usage.tokens.input = 100;
      usage.tokens.output = 10;
      usage.cost = 0.5;
      usage.busy = absl::Seconds(2);
    }
    sample_.frame.all_copies = 10;
    sample_.frame.all_bytes = 1000;
    sample_.records = {{"a", 3}, {"b", 1}};
  }
  v1::ModelSpec& model() { return *spec_.mutable_models(0); }

  v1::JobSpec spec_;
  SampleOutcome sample_;
};

TEST_F(EstimationTest, AddsUpByStageAndOverAll) {
  sample_.usages["a"][{"verifier", kSmall}].calls = 2;
  const Estimation estimation = EstimateJob(spec_, sample_);
  ASSERT_EQ(estimation.calls.size(), 4u);
  EXPECT_EQ(estimation.calls[0].first, "filter");
  EXPECT_DOUBLE_EQ(estimation.calls[0].second.value, 10);
  EXPECT_DOUBLE_EQ(estimation.calls[1].second.value, 0);
  EXPECT_DOUBLE_EQ(estimation.calls[3].second.value, 5);
  EXPECT_DOUBLE_EQ(estimation.all_calls.value, 15);
  EXPECT_DOUBLE_EQ(estimation.input_tokens.value, 1000);
  EXPECT_DOUBLE_EQ(estimation.output_tokens.value, 100);
  EXPECT_DOUBLE_EQ(estimation.cost.value, 5);
  EXPECT_DOUBLE_EQ(estimation.records.value, 10);
  EXPECT_FALSE(estimation.prices_missing);
}

TEST_F(EstimationTest, AModelWithoutAPriceIsTold) {
  model().clear_price();
  EXPECT_TRUE(EstimateJob(spec_, sample_).prices_missing);
}

TEST_F(EstimationTest, PlacesHoldAJobBack) {
  const Estimation estimation = EstimateJob(spec_, sample_);
  ASSERT_TRUE(estimation.time);
  // 10 calls of 2 s in 2 × 2 places, and one document's way of 2 s.
  EXPECT_DOUBLE_EQ(estimation.time->seconds.value, 7);
  EXPECT_THAT(estimation.time->limit, HasSubstr("4 calls at once, each in 2 s"));
}

TEST_F(EstimationTest, LimitsPerMinuteHoldAJobBackWhereTheyAreNarrower) {
  model().set_requests_per_minute(20);
  EXPECT_DOUBLE_EQ(EstimateJob(spec_, sample_).time->seconds.value, 30 + 2);
  EXPECT_THAT(EstimateJob(spec_, sample_).time->limit, HasSubstr("20 requests a minute"));
  model().set_tokens_per_minute(1100);
  EXPECT_DOUBLE_EQ(EstimateJob(spec_, sample_).time->seconds.value, 60 + 2);
  EXPECT_THAT(EstimateJob(spec_, sample_).time->limit, HasSubstr("1,100 tokens a minute"));
  model().set_tokens_per_minute(1'000'000);
  model().set_requests_per_minute(1'000'000);
  EXPECT_DOUBLE_EQ(EstimateJob(spec_, sample_).time->seconds.value, 7);
}

TEST_F(EstimationTest, RepliesOfTheCacheCountAsIfTheyHadBeenAskedFor) {
  const Estimation asked = EstimateJob(spec_, sample_);
  DocumentUsage& usage = sample_.usages["d"][{"filter", kSmall}];
  usage.reused = usage.calls;
  usage.reused_tokens = usage.tokens;
  usage.reused_cost = usage.cost;
  usage.calls = 0;
  usage.tokens = {};
  usage.cost = 0;
  usage.busy = absl::ZeroDuration();
  const Estimation partly = EstimateJob(spec_, sample_);
  EXPECT_DOUBLE_EQ(partly.all_calls.value, asked.all_calls.value);
  EXPECT_DOUBLE_EQ(partly.input_tokens.value, asked.input_tokens.value);
  EXPECT_DOUBLE_EQ(partly.cost.value, asked.cost.value);
  EXPECT_DOUBLE_EQ(partly.time->seconds.value, asked.time->seconds.value);
}

TEST_F(EstimationTest, WithoutAMeasuredCallThereIsNoTime) {
  for (auto& [id, usages] : sample_.usages) {
    for (auto& [asked, usage] : usages) {
      usage.reused = usage.calls;
      usage.calls = 0;
      usage.busy = absl::ZeroDuration();
    }
  }
  EXPECT_FALSE(EstimateJob(spec_, sample_).time);
}

TEST_F(EstimationTest, BatchesAreAnsweredWhenTheyAre) {
  model().mutable_batch();
  EXPECT_FALSE(EstimateJob(spec_, sample_).time);
}

}  // namespace
}  // namespace quern::cli
