#include "clients/cli/call_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/cli/exit_code.h"
#include "clients/cli/job_client.h"
#include "common/base/error.h"
#include "tests/unit/clients/cli/fake_pipeline.h"

namespace quern::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(CallErrorTest, AnotherServerIsNamedAsNoPipeline) {
  FakePipeline pipeline;
  FakeServer server(&pipeline);
  // A server that does not know a call says nothing else.
  const absl::Status listed = JobClient(server.channel()).List().status();
  EXPECT_EQ(ErrorReason(listed), "NOT_A_PIPELINE");
  EXPECT_EQ(ExitCodeFor(listed), 69);
  const grpc::Status unknown(grpc::StatusCode::UNIMPLEMENTED, "");
  EXPECT_THAT(std::string(CallError(unknown, "ipv4:127.0.0.1:7071").message()),
              StartsWith("127.0.0.1:7071 is not a pipeline"));
}

TEST(CallErrorTest, AStageThatIsAwayIsNotAPipelineThatIsAway) {
  const std::string refused = "failed to connect to all addresses; last error: Connection refused";
  const absl::Status nobody = CallError({grpc::StatusCode::UNAVAILABLE, refused}, "ipv4:127.0.0.1:7070");
  EXPECT_EQ(ErrorReason(nobody), "NO_SERVER");
  EXPECT_THAT(std::string(nobody.message()), HasSubstr("no pipeline answers at 127.0.0.1:7070"));
  const grpc::Status passed_on = service::ToGrpcStatus(absl::UnavailableError("persona: " + refused));
  EXPECT_EQ(CallError(passed_on, "ipv4:127.0.0.1:7070").message(), "persona: " + refused);
}

TEST(CallErrorTest, AConnectionThatFailsForTlsSaysSo) {
  const auto said = [](const std::string& why) {
    return std::string(
        CallError({grpc::StatusCode::UNAVAILABLE,
                   "failed to connect to all addresses; last error: UNAVAILABLE: ipv4:10.0.0.1:7070: " + why},
                  "ipv4:10.0.0.1:7070")
            .message());
  };
  EXPECT_THAT(said("Socket closed"), HasSubstr("--ca-file"));
  EXPECT_THAT(said("Tls handshake failed: SSL_ERROR_SSL: SSL routines::certificate verify failed"),
              HasSubstr("not signed by the CA"));
  EXPECT_THAT(said("Tls handshake failed: SSL_ERROR_SSL: SSL routines::wrong version number"), HasSubstr("no TLS"));
  EXPECT_THAT(said("Custom verification check failed with error: UNAUTHENTICATED: Hostname Verification Check failed."),
              HasSubstr("--server-name"));
  EXPECT_THAT(said("Tls handshake failed: something new"),
              HasSubstr("10.0.0.1:7070: Tls handshake failed: something new"));
}

}  // namespace
}  // namespace quern::cli
