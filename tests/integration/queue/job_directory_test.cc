// What a stage's process knows of jobs, and what a job tells of its models' servers.
#include "common/queue/job_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/queue/endpoints_down.h"
#include "tests/integration/queue/support/job_fixture.h"
#include "tests/support/wait_until.h"

namespace quern::testing {
namespace {

class JobDirectoryTest : public JobFixture {
 protected:
  static v1::JobSpec AskingAt(const std::string& base_url) {
    v1::JobSpec spec;
    spec.mutable_queue()->set_lanes(2);
    v1::ModelSpec& model = *spec.add_models();
    model.set_name("small");
    model.set_model("qwen");
    model.add_base_urls(base_url);
    return spec;
  }
};

TEST_F(JobDirectoryTest, AJobThatReachesItsModelsOtherwiseKeepsItsLanes) {
  queue::Redis redis(At(redis_.url()));
  queue::JobDirectory directory(v1::STAGE_NAME_FILTER, std::make_shared<queue::ServerClock>());
  ASSERT_TRUE(jobs_.Create("job", AskingAt("http://wrong/v1"), "").ok());
  ASSERT_TRUE(directory.Refresh(redis).ok());
  ASSERT_EQ(directory.lanes().size(), 2u);
  const auto lanes = directory.lanes();
  const auto spec = lanes[0]->job->spec();

  ASSERT_TRUE(directory.Refresh(redis).ok());
  EXPECT_EQ(lanes[0]->job->spec(), spec) << "nothing has changed";

  ASSERT_TRUE(jobs_.Create("job", AskingAt("http://right/v1"), "").ok());
  ASSERT_TRUE(directory.Refresh(redis).ok());
  EXPECT_EQ(directory.lanes(), lanes);
  EXPECT_EQ(lanes[1]->job->spec()->models(0).base_urls(0), "http://right/v1");
  EXPECT_NE(lanes[0]->job->spec(), spec);
  EXPECT_EQ(lanes[0]->state, v1::JOB_STATE_RUNNING);
}

TEST_F(JobDirectoryTest, AResumeEndsWhatHeldTheJobBack) {
  queue::Redis redis(At(redis_.url()));
  queue::JobDirectory directory(v1::STAGE_NAME_FILTER, std::make_shared<queue::ServerClock>());
  ASSERT_TRUE(jobs_.Create("job", AskingAt("http://away/v1"), "").ok());
  ASSERT_TRUE(directory.Refresh(redis).ok());
  const std::shared_ptr<const queue::RunningJob> job = directory.lanes()[0]->job;
  job->hold->Begin([](uint32_t) { return absl::Hours(1); });
  ASSERT_TRUE(directory.Refresh(redis).ok());
  EXPECT_TRUE(job->hold->on());

  ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_PAUSED, "").ok());
  ASSERT_TRUE(jobs_.SetState("job", v1::JOB_STATE_RUNNING, "").ok());
  ASSERT_TRUE(directory.Refresh(redis).ok());
  EXPECT_FALSE(job->hold->on());
  EXPECT_GT(job->resumed_ms, 0);
}

TEST_F(JobDirectoryTest, AJobThatTookTheNameOfAnotherHasLanesOfItsOwn) {
  queue::Redis redis(At(redis_.url()));
  queue::JobDirectory directory(v1::STAGE_NAME_FILTER, std::make_shared<queue::ServerClock>());
  ASSERT_TRUE(jobs_.Create("job", AskingAt("http://old/v1"), "").ok());
  ASSERT_TRUE(directory.Refresh(redis).ok());
  const auto old = directory.lanes();
  ASSERT_TRUE(jobs_.Delete("job").ok());
  v1::JobSpec other = AskingAt("http://new/v1");
  other.set_seed(7);
  ASSERT_TRUE(jobs_.Create("job", other, "").ok());
  ASSERT_TRUE(directory.Refresh(redis).ok());
  ASSERT_TRUE(directory.Refresh(redis).ok());
  ASSERT_EQ(directory.lanes().size(), 2u);
  EXPECT_NE(directory.lanes()[0], old[0]);
  EXPECT_EQ(directory.lanes()[0]->job->spec()->seed(), 7u);
  EXPECT_EQ(old[0]->state, v1::JOB_STATE_DELETING);
}

TEST_F(JobDirectoryTest, AJobTellsWhichOfItsServersDoNotAnswer) {
  ASSERT_TRUE(jobs_.Create("job", AskingAt("http://user:secret@10.0.0.1:8000/v1"), "").ok());
  EXPECT_EQ(jobs_.Get("job")->endpoints_down_size(), 0);
  queue::Redis redis(At(redis_.url()));
  ASSERT_TRUE(queue::TellEndpointDown(redis, "10.0.0.1:8000/v1 qwen", "connection refused").ok());
  ASSERT_TRUE(queue::TellEndpointDown(redis, "10.0.0.1:8000/v1 another", "connection refused").ok());
  const auto job = jobs_.Get("job");
  ASSERT_TRUE(job.ok()) << job.status();
  ASSERT_EQ(job->endpoints_down_size(), 1);
  EXPECT_EQ(job->endpoints_down(0).endpoint(), "10.0.0.1:8000/v1 qwen");
  EXPECT_EQ(job->endpoints_down(0).reason(), "connection refused");
  WaitUntil([&] { return jobs_.Get("job")->endpoints_down_size() == 0; }, "nobody says so any more");
}

}  // namespace
}  // namespace quern::testing
