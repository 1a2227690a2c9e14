#include "clients/cli/job_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quern::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

v1::Job RunningJob() {
  v1::Job job;
  job.set_name("jobs/first");
  job.set_state(v1::JOB_STATE_RUNNING);
  job.set_input_closed(true);
  job.mutable_counts()->mutable_documents()->set_accepted(1);
  job.mutable_counts()->mutable_items()->set_records(2);
  return job;
}

TEST(JobTextTest, StagesAndStatesReadAsWords) {
  EXPECT_EQ(StateText(v1::JOB_STATE_COMPLETED), "completed");
  EXPECT_EQ(StateText(v1::JOB_STATE_UNSPECIFIED), "unknown");
  EXPECT_EQ(StageText(v1::STAGE_NAME_FILTER), "filter");
}

TEST(JobTextTest, AReportBeginsWithTheState) {
  v1::Job job = RunningJob();
  EXPECT_THAT(JobReport(job), StartsWith("job first, running\n"));
  job.set_input_closed(false);
  EXPECT_THAT(JobReport(job), StartsWith("job first, running, input open\n"));
  job.set_state(v1::JOB_STATE_PAUSED);
  EXPECT_THAT(JobReport(job), StartsWith("job first, paused, input open\n"));
}

TEST(JobTextTest, AReportTellsOfATargetThatWasMissed) {
  v1::Job job = RunningJob();
  job.mutable_spec()->set_target_records(3);
  EXPECT_THAT(JobReport(job), ::testing::Not(HasSubstr("target"))) << "it may be reached yet";
  job.set_state(v1::JOB_STATE_COMPLETED);
  EXPECT_THAT(JobReport(job), HasSubstr("target of 3 records not reached"));
  job.mutable_spec()->set_target_records(2);
  EXPECT_THAT(JobReport(job), ::testing::Not(HasSubstr("target")));
}

TEST(JobTextTest, ALineCountsInSingularAndPlural) {
  EXPECT_THAT(JobLine(RunningJob()), HasSubstr(" 1 document "));
  EXPECT_THAT(JobLine(RunningJob()), HasSubstr(" 2 records "));
}

TEST(JobTextTest, ALineEndsInTheReasonForAPause) {
  v1::Job job = RunningJob();
  EXPECT_THAT(JobLine(job), EndsWith("in flight"));
  job.set_state(v1::JOB_STATE_PAUSED);
  job.set_state_reason("the disk is full");
  EXPECT_THAT(JobLine(job), EndsWith("in flight  (the disk is full)"));
}

TEST(JobTextTest, AReportTellsWhatWasTakenFromTheReplyCache) {
  v1::Job job = RunningJob();
  v1::StageUsage* spent = job.add_usage();
  spent->set_stage("verifier");
  spent->set_model("judge");
  EXPECT_THAT(JobReport(job), ::testing::Not(HasSubstr("reply cache")));
  spent->mutable_usage()->set_reused_replies(1234);
  EXPECT_THAT(JobReport(job),
              HasSubstr("0 calls  verifier judge: 0 tokens in (0 cached), 0 out, 0.0000 USD, 1,234 taken "
                        "from the reply cache\n"));
}

}  // namespace
}  // namespace quern::cli
