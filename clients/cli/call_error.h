#pragma once

#include <string>

#include "absl/status/status.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace quern::cli {

// What a call to a pipeline at `peer` (the context's, once the call is over) ended in: the server's own word, with its
// reason, where it has one. What only gRPC can say is said in words: UNAVAILABLE, reason NO_SERVER: nobody answers
// there; UNIMPLEMENTED, reason NOT_A_PIPELINE: another server answers. Pure.
absl::Status CallError(const grpc::Status& status, const std::string& peer);

// What gRPC's word about a connection that did not come about tells of TLS, and what to do; "" where it tells nothing.
// Pure.
std::string TlsAdvice(const std::string& said);

}  // namespace quern::cli
