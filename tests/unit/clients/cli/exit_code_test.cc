#include "clients/cli/exit_code.h"

#include <gtest/gtest.h>

#include "common/base/error.h"

namespace quern::cli {
namespace {

int CodeOf(absl::StatusCode code, const char* reason) { return ExitCodeFor(MakeError(code, reason, "message")); }

TEST(ExitCodeTest, TheReasonDecidesBeforeTheCode) {
  EXPECT_EQ(CodeOf(absl::StatusCode::kInvalidArgument, "USAGE"), 64);
  EXPECT_EQ(CodeOf(absl::StatusCode::kInvalidArgument, "INVALID_SPEC"), 78);
  EXPECT_EQ(CodeOf(absl::StatusCode::kNotFound, "NO_INPUT"), 66);
  EXPECT_EQ(CodeOf(absl::StatusCode::kFailedPrecondition, "OUTPUT_LOCKED"), 73);
  EXPECT_EQ(CodeOf(absl::StatusCode::kNotFound, "NO_SUCH_JOB"), 65);
}

TEST(ExitCodeTest, AModelsServerThatTurnsUsAwayIsNoFaultOfTheCommandLine) {
  EXPECT_EQ(CodeOf(absl::StatusCode::kFailedPrecondition, "KEY_REFUSED"), 69);
  EXPECT_EQ(CodeOf(absl::StatusCode::kFailedPrecondition, "PARAMETER_UNSUPPORTED"), 78);
  EXPECT_EQ(CodeOf(absl::StatusCode::kInvalidArgument, "CONTEXT_TOO_LONG"), 65);
}

TEST(ExitCodeTest, EnvironmentsAtFaultSayTryAgainOrUnavailable) {
  EXPECT_EQ(ExitCodeFor(absl::UnavailableError("")), 69);
  EXPECT_EQ(ExitCodeFor(absl::ResourceExhaustedError("")), 75);
  EXPECT_EQ(ExitCodeFor(absl::InternalError("")), 70);
}

TEST(ExitCodeTest, AJobsEndDecides) {
  v1::Job job;
  job.set_state(v1::JOB_STATE_COMPLETED);
  EXPECT_EQ(ExitCodeFor(job), 0);
  job.mutable_counts()->mutable_items()->set_dead(1);
  EXPECT_EQ(ExitCodeFor(job), 3);
  job.set_state(v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(ExitCodeFor(job), 4);
  job.set_state(v1::JOB_STATE_PAUSED);
  EXPECT_EQ(ExitCodeFor(job), 5);
}

}  // namespace
}  // namespace quern::cli
