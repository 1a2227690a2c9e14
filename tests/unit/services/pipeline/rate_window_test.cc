#include "services/pipeline/rate_window.h"

#include <gtest/gtest.h>

namespace quern::pipeline {
namespace {

v1::JobCounts Counts(uint64_t expanded, uint64_t records, uint64_t documents_in_flight, uint64_t items_in_flight) {
  v1::JobCounts counts;
  counts.mutable_documents()->set_expanded(expanded);
  counts.mutable_documents()->set_in_flight(documents_in_flight);
  counts.mutable_items()->set_records(records);
  counts.mutable_items()->set_in_flight(items_in_flight);
  return counts;
}

const absl::Time kFirstSample = absl::FromUnixSeconds(1'000'000);

TEST(RateWindowTest, OneSampleTellsNoRate) {
  const auto rates = RateWindow().Add(kFirstSample, Counts(100, 100, 5, 5));
  EXPECT_EQ(rates.documents_per_second, 0);
  EXPECT_FALSE(rates.eta.has_value());
}

TEST(RateWindowTest, EtaIsTheSlowerOfDocumentsAndItems) {
  RateWindow window;
  window.Add(kFirstSample, Counts(0, 0, 100, 0));
  const auto rates = window.Add(kFirstSample + absl::Seconds(10), Counts(100, 200, 50, 400));
  EXPECT_DOUBLE_EQ(rates.documents_per_second, 10);
  EXPECT_DOUBLE_EQ(rates.records_per_second, 20);
  ASSERT_TRUE(rates.eta.has_value());
  EXPECT_EQ(*rates.eta, absl::Seconds(20));  // 400 items at 20/s; 50 documents at 10/s would be 5 s
}

// A generator that takes 10 s for its first question was taken for one that makes none in 10 s.
TEST(RateWindowTest, TheWayOfTheFirstIsNoStandstill) {
  RateWindow window;
  for (int second = 0; second <= 10; ++second) {
    window.Add(kFirstSample + absl::Seconds(second), Counts(100, 0, 0, 300));
  }
  EXPECT_FALSE(window.Add(kFirstSample + absl::Seconds(12), Counts(100, 60, 0, 240)).eta.has_value()) << "too early";
  const auto rates = window.Add(kFirstSample + absl::Seconds(15), Counts(100, 150, 0, 150));
  EXPECT_DOUBLE_EQ(rates.records_per_second, 10);
  ASSERT_TRUE(rates.eta.has_value());
  EXPECT_EQ(*rates.eta, absl::Seconds(5));
}

TEST(RateWindowTest, DocumentsStillToComeHaveItemsAsThoseBefore) {
  RateWindow window;
  window.Add(kFirstSample, Counts(0, 0, 100, 0));
  v1::JobCounts counts = Counts(50, 100, 50, 50);
  counts.mutable_items()->set_created(150);
  const auto rates = window.Add(kFirstSample + absl::Seconds(10), counts);
  ASSERT_TRUE(rates.eta.has_value());
  EXPECT_EQ(*rates.eta, absl::Seconds(20)) << "50 items, and 150 of 50 documents, at 10 a second";
}

TEST(RateWindowTest, ForgetsWhatIsOlderThanHalfAMinute) {
  RateWindow window;
  for (int second = 0; second <= 100; ++second) {
    window.Add(kFirstSample + absl::Seconds(second), Counts(second < 60 ? second * 1000 : 60'000, 0, 1, 0));
  }
  // For the last 40 seconds nothing has moved.
  const auto rates = window.Add(kFirstSample + absl::Seconds(101), Counts(60'000, 0, 1, 0));
  EXPECT_EQ(rates.documents_per_second, 0);
  EXPECT_FALSE(rates.eta.has_value());
}

// A redrive lowers the count of dead documents.
TEST(RateWindowTest, NeverTellsANegativeRate) {
  RateWindow window;
  window.Add(kFirstSample, Counts(50, 50, 0, 0));
  const auto rates = window.Add(kFirstSample + absl::Seconds(1), Counts(40, 40, 10, 0));
  EXPECT_EQ(rates.documents_per_second, 0);
  EXPECT_EQ(rates.records_per_second, 0);
  EXPECT_FALSE(rates.eta.has_value());
}

TEST(RateWindowTest, NothingInFlightIsDoneNow) {
  RateWindow window;
  window.Add(kFirstSample, Counts(0, 0, 1, 0));
  const auto rates = window.Add(kFirstSample + absl::Seconds(1), Counts(1, 1, 0, 0));
  ASSERT_TRUE(rates.eta.has_value());
  EXPECT_EQ(*rates.eta, absl::ZeroDuration());
}

}  // namespace
}  // namespace quern::pipeline
