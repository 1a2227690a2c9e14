#include "common/service/grpc_status.h"

#include <grpcpp/support/status.h>

#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace quern::service {
namespace {

constexpr char kDomain[] = "quern";

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message(status.message());
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(ErrorReason(status));
  info.set_domain(kDomain);
  // A library's status without a reason still gets one: programs match on it.
  if (info.reason().empty()) info.set_reason(absl::StatusCodeToString(status.code()));
  details.add_details()->PackFrom(info);
  return {static_cast<grpc::StatusCode>(status.code()), message, details.SerializeAsString()};
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& detail : details.details()) {
      google::rpc::ErrorInfo info;
      if (detail.UnpackTo(&info) && info.domain() == kDomain) {
        return MakeError(code, info.reason(), status.error_message());
      }
    }
  }
  return absl::Status(code, status.error_message());
}

}  // namespace quern::service
