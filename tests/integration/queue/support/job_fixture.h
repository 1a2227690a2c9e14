#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/queue/job_store.h"
#include "tests/integration/queue/support/queue_harness.h"
#include "tests/support/redis_server.h"
#include "tests/support/wait_until.h"

namespace quern::testing {

// A Redis of the test's own with the job "job" in it.
class JobFixture : public ::testing::Test {
 protected:
  explicit JobFixture(std::vector<std::string> redis_arguments = {}) : redis_(std::move(redis_arguments)) {}

  void CreateJob(const v1::JobSpec& spec = {}) {
    spec_ = spec;
    const auto job = jobs_.Create("job", spec, "out/job");
    ASSERT_TRUE(job.ok()) << job.status().message();
  }

  // Stores entries, and waits while the job is full.
  void Store(const std::vector<v1::IngestEntry>& entries, const std::string& source = "corpus") {
    queue::Ingest ingest(At(redis_.url()), "job", spec_, source);
    WaitUntil(
        [&] {
          const auto stored = ingest.Store(entries);
          return stored.ok() && stored->accepted_position == entries.back().position();
        },
        "all documents are stored");
  }

  v1::Job Job() {
    const auto job = jobs_.Get("job");
    EXPECT_TRUE(job.ok()) << job.status().message();
    if (!job.ok()) return {};
    ExpectReconciles(*job);
    return *job;
  }

  RedisServer redis_;
  queue::JobStore jobs_{At(redis_.url())};
  v1::JobSpec spec_;
};

}  // namespace quern::testing
