#include "tests/integration/queue/support/counts_sampler.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/queue/job_store.h"
#include "tests/integration/queue/support/queue_harness.h"

namespace quern::testing {

CountsSampler::CountsSampler(const std::string& url, const std::string& job) {
  thread_ = std::thread([this, url, job] {
    queue::JobStore jobs(At(url));
    while (!ended_) {
      if (const auto sample = jobs.Get(job); sample.ok()) {
        ExpectReconciles(*sample);
        ++samples_;
      }
      absl::SleepFor(absl::Milliseconds(20));
    }
  });
}

CountsSampler::~CountsSampler() {
  ended_ = true;
  thread_.join();
  EXPECT_GT(samples_, 0);
}

}  // namespace quern::testing
