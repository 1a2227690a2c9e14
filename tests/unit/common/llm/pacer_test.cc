// Calls that wait for their account's limits per minute.
#include "common/llm/pacer.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

#include "common/base/error.h"

namespace quern::llm {
namespace {

// Grants what a test says, in turn, and tells what it was asked.
class ScriptedLimits : public RateLimits {
 public:
  struct Asked {
    size_t calls = 0;
    uint64_t first_tokens = 0;
    int64_t correction = 0;
  };

  explicit ScriptedLimits(std::vector<absl::StatusOr<Granted>> answers) : answers_(std::move(answers)) {}

  absl::StatusOr<Granted> Take(const RateAccount&, absl::Span<const uint64_t> tokens, int64_t correction) override {
    absl::MutexLock lock(&mutex_);
    asked_.push_back({tokens.size(), tokens.empty() ? 0 : tokens[0], correction});
    if (asked_.size() > answers_.size()) return Granted{tokens.size(), absl::ZeroDuration()};
    return answers_[asked_.size() - 1];
  }

  std::vector<Asked> asked() const {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<Asked> asked_ ABSL_GUARDED_BY(mutex_);
  const std::vector<absl::StatusOr<Granted>> answers_;
};

RateAccount TestAccount() {
  v1::ModelSpec model;
  model.set_model("m");
  model.set_requests_per_minute(60);
  return RateAccountOf(model);
}

class PacerTest : public ::testing::Test {
 protected:
  // Starts calls that enter, each noting its number, or its number below zero when it is turned away.
  void Start(Pacer* pacer, int calls) {
    for (int i = 1; i <= calls; ++i) boost::asio::co_spawn(loop_, Enter(pacer, i), boost::asio::detached);
  }

  boost::asio::awaitable<void> Enter(Pacer* pacer, int number) {
    const RateAccount account = TestAccount();
    const auto tokens = co_await pacer->Enter(account, 400);
    ended_.push_back(tokens ? number : -number);
    tokens_ = tokens.value_or(0);
    // One that is admitted after this ends the test's other calls.
    if (stop_at_ == number) pacer->Stop();
  }

  boost::asio::io_context loop_{1};
  std::vector<int> ended_;
  uint64_t tokens_ = 0;
  int stop_at_ = 0;
};

TEST_F(PacerTest, AdmitsInTheOrderOfAskingAsManyAsAreGranted) {
  ScriptedLimits limits({RateLimits::Granted{1, absl::Milliseconds(20)}, RateLimits::Granted{0, absl::Milliseconds(20)},
                         RateLimits::Granted{2, absl::ZeroDuration()}});
  Pacer pacer(&limits);
  Start(&pacer, 5);
  loop_.run();
  EXPECT_EQ(ended_, (std::vector<int>{1, 2, 3, 4, 5}));
  EXPECT_GE(limits.asked().size(), 4u);
}

TEST_F(PacerTest, TurnsAwayWhoWaitsWhenItStops) {
  ScriptedLimits limits({RateLimits::Granted{1, absl::Hours(1)}, RateLimits::Granted{0, absl::Hours(1)}});
  Pacer pacer(&limits);
  stop_at_ = 1;
  Start(&pacer, 3);
  loop_.run();
  EXPECT_EQ(ended_, (std::vector<int>{1, -2, -3}));
}

TEST_F(PacerTest, WaitsWhileTheLimitsCannotBeReadAndLosesNoCorrection) {
  ScriptedLimits limits({RateLimits::Granted{1, absl::ZeroDuration()}, absl::UnavailableError("Redis is away")});
  Pacer pacer(&limits);
  Start(&pacer, 1);
  loop_.run();
  // As guessed before anything is known: a quarter of the bytes, and 256.
  EXPECT_EQ(tokens_, 356u);
  Usage usage;
  usage.input = 100;
  usage.output = 56;
  pacer.Learn(TestAccount(), 400, tokens_, usage);
  loop_.restart();
  Start(&pacer, 1);
  loop_.run();
  const auto asked = limits.asked();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[1].correction, 156 - 356);
  EXPECT_EQ(asked[2].correction, 156 - 356) << "the account was not corrected while it could not be read";
  EXPECT_LT(asked[2].first_tokens, 356u) << "guesses follow what calls took";
}

TEST(RateAccountTest, IsTheSameForTheSameServersModelAndKey) {
  v1::ModelSpec model;
  model.add_base_urls("http://a/v1");
  model.add_base_urls("http://b/v1");
  model.set_model("m");
  model.set_api_key_env("KEY");
  v1::ModelSpec other = model;
  other.set_name("another name");
  other.set_requests_per_minute(7);
  other.mutable_base_urls()->SwapElements(0, 1);
  EXPECT_EQ(RateAccountOf(model).id, RateAccountOf(other).id);
  EXPECT_TRUE(RateAccountOf(other).limited());
  EXPECT_FALSE(RateAccountOf(model).limited());
  other.set_api_key_env("OTHER_KEY");
  EXPECT_NE(RateAccountOf(model).id, RateAccountOf(other).id);
}

}  // namespace
}  // namespace quern::llm
