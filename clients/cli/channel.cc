#include "clients/cli/channel.h"

#include <grpcpp/support/channel_arguments.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "common/base/error.h"
#include "common/service/channel.h"

namespace quern::cli {
namespace {

// A server's own limit: a document at the largest limit fits with all that is said about it.
constexpr int kMaxMessageBytes = 65 << 20;

bool IsAddress(const std::string& server) {
  if (absl::StartsWith(server, "unix:")) return server.size() > 5;
  const size_t colon = server.rfind(':');
  int port = 0;
  return colon != std::string::npos && colon > 0 && absl::SimpleAtoi(server.substr(colon + 1), &port) && port > 0 &&
         port < 65536;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const Server& server) {
  if (!IsAddress(server.address)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "USAGE",
                     "'" + server.address + "' is no server address; write HOST:PORT, for example 127.0.0.1:7070");
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // A connection that died without a word is noticed within 40 s.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // Retries are ours: only we know what is safe to repeat.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  if (!server.name.empty()) arguments.SetSslTargetNameOverride(server.name);
  v1::CallConfig config;
  config.set_ca_file(server.ca_file);
  config.set_certificate_file(server.certificate_file);
  config.set_key_file(server.key_file);
  config.set_token_file(server.token_file);
  return service::MakeChannel(server.address, config, arguments);
}

}  // namespace quern::cli
