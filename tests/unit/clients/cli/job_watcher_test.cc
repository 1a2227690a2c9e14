#include "clients/cli/job_watcher.h"

#include <gtest/gtest.h>

#include "tests/unit/clients/cli/fake_pipeline.h"

namespace quern::cli {
namespace {

v1::WatchJobResponse Update(v1::JobState state, const std::string& reason = "") {
  v1::WatchJobResponse update;
  update.mutable_job()->set_state(state);
  update.mutable_job()->set_state_reason(reason);
  return update;
}

WatchOptions FastWatch() {
  WatchOptions options;
  options.backoff.first = options.backoff.longest = absl::Milliseconds(1);
  return options;
}

TEST(JobWatcherTest, FollowsToTheEnd) {
  FakePipeline pipeline;
  pipeline.updates = {Update(v1::JOB_STATE_RUNNING), Update(v1::JOB_STATE_RUNNING), Update(v1::JOB_STATE_COMPLETED)};
  FakeServer server(&pipeline);
  int updates = 0;
  const auto job = WatchJob(server.channel(), "test", FastWatch(), [&](const auto&) { ++updates; }, EndedOrStuck, {});
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->state(), v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(updates, 3);
}

TEST(JobWatcherTest, OpensALostStreamAgain) {
  FakePipeline pipeline;
  pipeline.updates = {Update(v1::JOB_STATE_RUNNING)};
  pipeline.watch_end = grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
  FakeServer server(&pipeline);
  int updates = 0;
  const auto done = [&](const v1::Job&) { return updates >= 3; };
  const auto job = WatchJob(server.channel(), "test", FastWatch(), [&](const auto&) { ++updates; }, done, {});
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(updates, 3);
}

TEST(JobWatcherTest, AnErrorThatDoesNotPassEndsTheWatch) {
  FakePipeline pipeline;
  pipeline.watch_end = grpc::Status(grpc::StatusCode::NOT_FOUND, "no such job");
  FakeServer server(&pipeline);
  EXPECT_TRUE(absl::IsNotFound(WatchJob(server.channel(), "test", FastWatch(), {}, EndedOrStuck, {}).status()));
}

TEST(JobWatcherTest, APersonsPauseIsWaitedOutAndTheSystemsIsNot) {
  EXPECT_FALSE(EndedOrStuck(Update(v1::JOB_STATE_PAUSED).job()));
  EXPECT_TRUE(EndedOrStuck(Update(v1::JOB_STATE_PAUSED, "budget spent").job()));
  EXPECT_FALSE(EndedOrStuck(Update(v1::JOB_STATE_RUNNING, "disk full").job()));
}

}  // namespace
}  // namespace quern::cli
