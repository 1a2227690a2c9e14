#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "quern/v1/config.pb.h"

namespace quern::service {

// A channel to host:port or unix:PATH that speaks TLS and sends a token with each call, as `config` says. Nothing is
// connected yet: the first call is. Errors as of ClientTls; INVALID_ARGUMENT, reason INVALID_TOKEN: the token's file
// does not hold one word. A token that cannot be read later fails the call with UNAUTHENTICATED by the server.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& address, const v1::CallConfig& config,
                                                           const grpc::ChannelArguments& arguments);

}  // namespace quern::service
