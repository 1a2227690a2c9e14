#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "quern/v1/config.pb.h"

namespace grpc {
class Channel;
class Service;
}  // namespace grpc

namespace quern::service {

class Metrics;

struct ServerOptions {
  // host:port (port 0 picks a free one) or unix:PATH. Empty: reachable through InProcessChannel alone.
  std::string address;
  // Largest message taken or sent.
  uint64_t max_message_bytes = 65 << 20;
  // Nothing set: plaintext.
  v1::TlsConfig tls = {};
};

// A gRPC server with what all of Quern's have: the health service, for "" and for each service by name, reflection,
// keepalive, call metrics, and limits on what a client can hold: the bytes of a message and of a call's metadata, calls
// at once on a connection, and connections without a call. Thread-safe.
class Server {
 public:
  // Listens at once; health says NOT_SERVING until SetServing. `services` and `metrics` outlive the server.
  // UNAVAILABLE, reason ADDRESS_IN_USE: somebody else listens there; INVALID_ARGUMENT, reason INVALID_ADDRESS; or an
  // error of ServerTls.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services, Metrics* metrics);
  // Drains with no grace.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The address with the port that was picked.
  const std::string& address() const;

  // A channel that needs no network: for a client within this process.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // What the health service answers, for "" and every service.
  void SetServing(bool serving);

  // Says NOT_SERVING, refuses new calls with UNAVAILABLE, waits up to `grace` for those under way, then cancels them.
  // Idempotent. A handler that never finishes its call blocks it beyond the grace: see Watchdog.
  void Drain(absl::Duration grace);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quern::service
