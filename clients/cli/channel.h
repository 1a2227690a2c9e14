#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace quern::cli {

// A server of Quern, and how to speak to it.
struct Server {
  // HOST:PORT or unix:PATH.
  std::string address;
  // See CallConfig; empty where not given.
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::string token_file;
  // The name in the server's certificate, where it is not the address's host.
  std::string name;
};

// Opens a channel to a server. Nothing is connected yet: the first call is. INVALID_ARGUMENT, reason USAGE: not such an
// address; or an error of service::MakeChannel about the files.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const Server& server);

}  // namespace quern::cli
