#include "clients/cli/call_error.h"

#include <grpcpp/support/status.h>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "common/service/grpc_status.h"

namespace quern::cli {

absl::Status CallError(const grpc::Status& status, const std::string& peer) {
  // A pipeline's errors carry details, also those that it passes on from a stage that it cannot reach.
  if (!status.error_details().empty()) return service::FromGrpcStatus(status);
  const std::string address = absl::StrReplaceAll(peer, {{"ipv4:", ""}, {"ipv6:", ""}});
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE &&
      absl::StrContains(status.error_message(), "failed to connect")) {
    return MakeError(
        absl::StatusCode::kUnavailable, "NO_SERVER",
        "no pipeline answers at " + address + "; start quern-pipeline there, or name another with --server");
  }
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    return MakeError(absl::StatusCode::kUnimplemented, "NOT_A_PIPELINE",
                     address +
                         " is not a pipeline of this version (it does not know this call of PipelineService); name "
                         "quern-pipeline with --server: it listens on port 7070 by default");
  }
  return service::FromGrpcStatus(status);
}

}  // namespace quern::cli
