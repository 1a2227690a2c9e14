#include "common/service/grpc_status.h"

#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace quern::service {
namespace {

TEST(GrpcStatusTest, CodeMessageAndReasonSurviveTheWire) {
  const absl::Status error = MakeError(absl::StatusCode::kNotFound, "NO_SUCH_JOB", "jobs/x is unknown");
  const grpc::Status sent = ToGrpcStatus(error);
  EXPECT_EQ(sent.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(sent.error_message(), "jobs/x is unknown");
  const absl::Status received =
      FromGrpcStatus(grpc::Status(sent.error_code(), sent.error_message(), sent.error_details()));
  EXPECT_EQ(received, error);
  EXPECT_EQ(ErrorReason(received), "NO_SUCH_JOB");
}

// Clients of others read the details by google.rpc's published numbers.
TEST(GrpcStatusTest, DetailsAreAnErrorInfoOfOurDomain) {
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(ToGrpcStatus(absl::UnavailableError("away")).error_details()));
  EXPECT_EQ(details.code(), 14);
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.domain(), "quern");
  EXPECT_EQ(info.reason(), "UNAVAILABLE");
}

TEST(GrpcStatusTest, OkIsOkBothWays) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(GrpcStatusTest, AStatusOfSomebodyElseHasNoReason) {
  EXPECT_EQ(ErrorReason(FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "connect failed"))), "");
  EXPECT_EQ(ErrorReason(FromGrpcStatus(grpc::Status(grpc::StatusCode::INTERNAL, "x", "no protobuf \xff"))), "");
}

}  // namespace
}  // namespace quern::service
