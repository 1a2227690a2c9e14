#include "clients/cli/health.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/call_error.h"
#include "clients/cli/channel.h"
#include "clients/cli/exit_code.h"
#include "common/base/error.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace quern::cli {
namespace {

namespace health = grpc::health::v1;

constexpr absl::Duration kHealthTimeout = absl::Seconds(5);

absl::Status Check(const Server& server) {
  const std::string& address = server.address;
  QUERN_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenChannel(server));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kHealthTimeout));
  health::HealthCheckResponse response;
  const grpc::Status status = health::Health::NewStub(channel)->Check(&context, {}, &response);
  if (!status.ok()) {
    const std::string advice = TlsAdvice(status.error_message());
    return MakeError(absl::StatusCode::kUnavailable, "NO_SERVER",
                     absl::StrCat("no process of Quern answers at ", address, ": ",
                                  advice.empty() ? status.error_message() : advice));
  }
  if (response.status() != health::HealthCheckResponse::SERVING) {
    return MakeError(absl::StatusCode::kUnavailable, "NOT_SERVING",
                     absl::StrCat(address,
                                  " runs and takes no work now: it is starting, draining, or waits for Redis; "
                                  "its log says which"));
  }
  return absl::OkStatus();
}

}  // namespace

int Health(const HealthOptions& options, const Console& console) {
  const absl::Status status = Check(options.server);
  if (!status.ok()) return Fail(console, "health", status);
  *console.out << options.server.address << " is serving" << std::endl;
  return kExitDone;
}

}  // namespace quern::cli
