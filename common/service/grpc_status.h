#pragma once

#include "absl/status/status.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace quern::service {

// The error as a gRPC client sees it: the same code and message, and its reason in a google.rpc.ErrorInfo of domain
// "quern" in the details (grpc-status-details-bin).
grpc::Status ToGrpcStatus(const absl::Status& status);

// The error that a server sent, with the reason from its details. A status of somebody else's (a proxy's, gRPC's own)
// has no reason.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace quern::service
