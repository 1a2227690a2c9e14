#include "common/base/error.h"

#include <gtest/gtest.h>

namespace quern {
namespace {

TEST(ErrorTest, ReasonAndCodeSurviveAddedContext) {
  const absl::Status error = MakeError(absl::StatusCode::kNotFound, "NO_SUCH_JOB", "job x is unknown");
  const absl::Status outer = WithContext(error, "pausing");
  EXPECT_EQ(outer.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ErrorReason(outer), "NO_SUCH_JOB");
  EXPECT_EQ(outer.message(), "pausing: job x is unknown");
}

TEST(ErrorTest, ContextLeavesOkAlone) { EXPECT_TRUE(WithContext(absl::OkStatus(), "pausing").ok()); }

}  // namespace
}  // namespace quern
