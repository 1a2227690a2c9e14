#include "common/service/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/service/call_metrics.h"
#include "common/service/grpc_log.h"
#include "common/service/service_names.h"
#include "common/service/side_calls.h"
#include "common/service/tls.h"

namespace quern::service {
namespace {

constexpr std::string_view kUnixScheme = "unix:";
constexpr int kKeepaliveMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
// Clients may ping more often than gRPC's default of 5 minutes: a long model call is a silent one.
constexpr int kMinPingIntervalMs = 10'000;
// On one connection. More wait in the client.
constexpr int kMaxCalls = 1000;
constexpr int kMaxMetadataBytes = 16 << 10;
// A connection without a call for so long is closed; a client connects again by itself.
constexpr int kMaxIdleMs = 30 * 60'000;

// What every server of the process needs, once.
void InitGrpc() {
  static std::once_flag once;
  std::call_once(once, [] {
    TakeGrpcLog();
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

// gRPC would silently take a socket away from the process that listens on it.
bool SomebodyListens(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return connected;
}

absl::Status InUse(const std::string& address) {
  return MakeError(absl::StatusCode::kUnavailable, "ADDRESS_IN_USE",
                   absl::StrFormat("cannot listen on %s: another process listens there, or it is no address of this "
                                   "machine; choose another one with --listen or listen.grpc",
                                   address));
}

void SetOptions(const ServerOptions& options, grpc::ServerBuilder* builder) {
  const int limit = static_cast<int>(std::min<uint64_t>(options.max_message_bytes, INT32_MAX));
  builder->SetMaxReceiveMessageSize(limit);
  builder->SetMaxSendMessageSize(limit);
  // Without this, a second process on the same port takes half of the calls instead of failing.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxCalls);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kMaxIdleMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinPingIntervalMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

}  // namespace

class Server::Impl {
 public:
  absl::Status Start(const ServerOptions& options, const std::vector<grpc::Service*>& services, Metrics* metrics) {
    const std::string_view address(options.address);
    const bool local = address.starts_with(kUnixScheme);
    if (local && SomebodyListens(options.address.substr(kUnixScheme.size()))) return InUse(options.address);
    if (!address.empty() && !local && address.rfind(':') == std::string_view::npos) {
      return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_ADDRESS",
                       absl::StrFormat("\"%s\" is neither host:port nor unix:PATH", address));
    }
    InitGrpc();
    const auto credentials = ServerTls(options.tls);
    if (!credentials.ok()) return WithContext(credentials.status(), "listen.tls");
    grpc::ServerBuilder builder;
    SetOptions(options, &builder);
    builder.SetOption(std::make_unique<ServiceNames>(&names_));
    int port = 0;
    if (!address.empty()) builder.AddListeningPort(options.address, *credentials, &port);
    for (grpc::Service* service : services) builder.RegisterService(service);
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
    interceptors.push_back(std::make_unique<CallMetrics>(metrics));
    auto side_calls = std::make_unique<SideCalls>();
    side_calls_ = side_calls.get();
    interceptors.push_back(std::move(side_calls));
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    max_message_bytes_ = options.max_message_bytes;
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return InUse(options.address);
    address_ = options.address;
    if (!address.empty() && !local) address_ = absl::StrCat(address_.substr(0, address_.rfind(':')), ":", port);
    SetServing(false);
    return absl::OkStatus();
  }

  const std::string& address() const { return address_; }

  std::shared_ptr<grpc::Channel> InProcessChannel() {
    grpc::ChannelArguments arguments;
    const int limit = static_cast<int>(std::min<uint64_t>(max_message_bytes_, INT32_MAX));
    arguments.SetMaxReceiveMessageSize(limit);
    arguments.SetMaxSendMessageSize(limit);
    return server_->InProcessChannel(arguments);
  }

  void SetServing(bool serving) {
    grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
    health->SetServingStatus("", serving);
    for (const std::string& name : names_) health->SetServingStatus(name, serving);
  }

  void Drain(absl::Duration grace) {
    absl::MutexLock lock(&drain_mutex_);
    if (server_ == nullptr || drained_) return;
    drained_ = true;
    SetServing(false);
    // Watchers of the health service have been told; they would hold the shutdown for its whole grace.
    side_calls_->CancelAll();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
    server_->Wait();
  }

 private:
  std::vector<std::string> names_;
  std::unique_ptr<grpc::Server> server_;
  // The server's.
  SideCalls* side_calls_ = nullptr;
  std::string address_;
  uint64_t max_message_bytes_ = 0;
  absl::Mutex drain_mutex_;
  bool drained_ ABSL_GUARDED_BY(drain_mutex_) = false;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Drain(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services, Metrics* metrics) {
  auto impl = std::make_unique<Impl>();
  QUERN_RETURN_IF_ERROR(impl->Start(options, services, metrics));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

const std::string& Server::address() const { return impl_->address(); }
std::shared_ptr<grpc::Channel> Server::InProcessChannel() { return impl_->InProcessChannel(); }
void Server::SetServing(bool serving) { impl_->SetServing(serving); }
void Server::Drain(absl::Duration grace) { impl_->Drain(grace); }

}  // namespace quern::service
