#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/time/time.h"
#include "common/dataset/manifest.h"
#include "tests/integration/services/pipeline/support/harness.h"

namespace quern::pipeline {
namespace {

using grpc::StatusCode;

class JobsTest : public ::testing::Test {
 protected:
  // Calls a method that takes a name.
  template <class Request, class Response>
  grpc::Status Call(grpc::Status (v1::PipelineService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const std::string& name, Response* response) {
    Request request;
    request.set_name(name);
    grpc::ClientContext context;
    return (harness_.stub().*method)(&context, request, response);
  }

  grpc::Status Create(const std::string& job_id, const v1::JobSpec& spec, v1::Job* job) {
    v1::CreateJobRequest request;
    request.set_job_id(job_id);
    *request.mutable_spec() = spec;
    grpc::ClientContext context;
    return harness_.stub().CreateJob(&context, request, job);
  }

  grpc::Status List(int32_t page_size, const std::string& token, v1::ListJobsResponse* response) {
    v1::ListJobsRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    grpc::ClientContext context;
    return harness_.stub().ListJobs(&context, request, response);
  }

  PipelineHarness harness_;
};

TEST_F(JobsTest, CreatesWithDefaultsAndRepeatsSafely) {
  v1::Job first, again;
  ASSERT_TRUE(Create("wiki", SmallSpec(), &first).ok());
  EXPECT_EQ(first.name(), "jobs/wiki");
  EXPECT_EQ(first.state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(first.spec().engine(), v1::ENGINE_EXTRACTIVE);
  EXPECT_EQ(first.spec().queue().max_documents_held(), 20'000u);
  EXPECT_EQ(first.dataset_path(), harness_.dataset("wiki"));
  EXPECT_NE(first.spec_hash(), "");
  ASSERT_TRUE(Create("wiki", SmallSpec(), &again).ok());
  EXPECT_EQ(again.spec_hash(), first.spec_hash());
  EXPECT_EQ(again.created_at().nanos(), first.created_at().nanos());
}

TEST_F(JobsTest, TheSameRequestTenTimesAtOnceMakesOneJob) {
  std::vector<std::thread> threads;
  std::vector<v1::Job> jobs(10);
  std::vector<grpc::Status> statuses(10);
  for (size_t i = 0; i < jobs.size(); ++i) {
    threads.emplace_back([&, i] { statuses[i] = Create("wiki", SmallSpec(), &jobs[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < jobs.size(); ++i) {
    ASSERT_TRUE(statuses[i].ok()) << statuses[i].error_message();
    EXPECT_EQ(jobs[i].created_at().SerializeAsString(), jobs[0].created_at().SerializeAsString());
  }
  v1::ListJobsResponse list;
  ASSERT_TRUE(List(0, "", &list).ok());
  EXPECT_EQ(list.jobs_size(), 1);
}

TEST_F(JobsTest, RefusesWhatIsIllFormedWithItsReason) {
  v1::Job job;
  EXPECT_EQ(ReasonOf(Create("", {}, &job)), "INVALID_JOB_ID");
  EXPECT_EQ(ReasonOf(Create("../x", {}, &job)), "INVALID_JOB_ID");
  v1::JobSpec bad;
  bad.mutable_queue()->set_lanes(65);
  const grpc::Status out_of_range = Create("wiki", bad, &job);
  EXPECT_EQ(out_of_range.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(out_of_range), "INVALID_SPEC");
  EXPECT_EQ(ReasonOf(Call(&v1::PipelineService::Stub::GetJob, "wiki", &job)), "INVALID_JOB_NAME");
  const grpc::Status unknown = Call(&v1::PipelineService::Stub::GetJob, "jobs/wiki", &job);
  EXPECT_EQ(unknown.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(unknown), "NO_SUCH_JOB");
}

TEST_F(JobsTest, AnotherSpecUnderTheSameIdIsRefused) {
  v1::Job job;
  ASSERT_TRUE(Create("wiki", SmallSpec(), &job).ok());
  v1::JobSpec other = SmallSpec();
  other.set_seed(7);
  const grpc::Status status = Create("wiki", other, &job);
  EXPECT_EQ(status.error_code(), StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(status), "JOB_EXISTS");
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("(seed)"));
}

TEST_F(JobsTest, ListsInPagesAndChecksTokens) {
  for (const char* id : {"c", "a", "b", "e", "d"}) CreateJob(harness_.stub(), id, SmallSpec());
  std::string seen, token;
  do {
    v1::ListJobsResponse page;
    ASSERT_TRUE(List(2, token, &page).ok());
    EXPECT_LE(page.jobs_size(), 2);
    for (const v1::Job& job : page.jobs()) seen += job.name().substr(5);
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(seen, "abcde");
  v1::ListJobsResponse page;
  EXPECT_EQ(ReasonOf(List(-1, "", &page)), "INVALID_PAGE_SIZE");
  EXPECT_EQ(ReasonOf(List(0, "jobs/c", &page)), "INVALID_TOKEN");
}

TEST_F(JobsTest, VerbsMayBeRepeatedAndAreRefusedInTheWrongState) {
  using Stub = v1::PipelineService::Stub;
  v1::Job job;
  CreateJob(harness_.stub(), "wiki", SmallSpec());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(Call(&Stub::PauseJob, "jobs/wiki", &job).ok());
    EXPECT_EQ(job.state(), v1::JOB_STATE_PAUSED);
  }
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(Call(&Stub::ResumeJob, "jobs/wiki", &job).ok());
    EXPECT_EQ(job.state(), v1::JOB_STATE_RUNNING);
  }
  v1::DeleteJobResponse deleted;
  const grpc::Status too_early = Call(&Stub::DeleteJob, "jobs/wiki", &deleted);
  EXPECT_EQ(too_early.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(too_early), "JOB_ACTIVE");
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Call(&Stub::CancelJob, "jobs/wiki", &job).ok());
  WaitForState(harness_.stub(), "wiki", v1::JOB_STATE_CANCELLED);
  ASSERT_TRUE(Call(&Stub::CancelJob, "jobs/wiki", &job).ok());
  EXPECT_EQ(Call(&Stub::ResumeJob, "jobs/wiki", &job).error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Call(&Stub::PauseJob, "jobs/wiki", &job).error_code(), StatusCode::FAILED_PRECONDITION);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Call(&Stub::DeleteJob, "jobs/wiki", &deleted).ok());
  EXPECT_EQ(Call(&Stub::GetJob, "jobs/wiki", &job).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(JobsTest, AnEmptyJobCompletesAndCannotBeCancelledThen) {
  CreateJob(harness_.stub(), "empty", SmallSpec());
  CloseInput(harness_.stub(), "empty");
  const v1::Job job = WaitForState(harness_.stub(), "empty", v1::JOB_STATE_COMPLETED);
  EXPECT_TRUE(job.counts().reconciles());
  // The end of a job is not before its dataset is final. One has nanoseconds, the other milliseconds.
  const absl::Time finished = absl::FromUnixSeconds(job.finished_at().seconds()) +
                              absl::Nanoseconds(job.finished_at().nanos()) + absl::Milliseconds(1);
  EXPECT_GE(finished, dataset::LoadManifest(job.dataset_path())->written_at);
  v1::Job cancelled;
  EXPECT_EQ(Call(&v1::PipelineService::Stub::CancelJob, "jobs/empty", &cancelled).error_code(),
            StatusCode::FAILED_PRECONDITION);
}

}  // namespace
}  // namespace quern::pipeline
