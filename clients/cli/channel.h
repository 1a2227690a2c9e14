#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace quern::cli {

// Opens a channel to a pipeline server, HOST:PORT or unix:PATH. Nothing is connected yet: the first call is.
// INVALID_ARGUMENT, reason USAGE: not such an address.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const std::string& server);

}  // namespace quern::cli
