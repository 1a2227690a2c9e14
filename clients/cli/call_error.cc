#include "clients/cli/call_error.h"

#include <grpcpp/support/status.h>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "common/service/grpc_status.h"

namespace quern::cli {

std::string TlsAdvice(const std::string& said) {
  if (absl::StrContains(said, "Hostname Verification Check failed")) {
    return "its certificate is for another name; ask it by that name, or give the name with --server-name";
  }
  if (absl::StrContains(said, "certificate verify failed")) {
    return "TLS: its certificate is not signed by the CA of --ca-file, or has expired";
  }
  if (absl::StrContains(said, "wrong version number")) return "it speaks no TLS: leave out --ca-file";
  const size_t handshake = said.find("Tls handshake failed");
  if (handshake != std::string::npos) return said.substr(handshake);
  if (absl::StrContains(said, "Socket closed") || absl::StrContains(said, "Connection reset")) {
    return "it closes the connection: perhaps it asks for TLS (--ca-file), or for a certificate (--certificate-file, "
           "--key-file)";
  }
  return "";
}

absl::Status CallError(const grpc::Status& status, const std::string& peer) {
  // A pipeline's errors carry details, also those that it passes on from a stage that it cannot reach.
  if (!status.error_details().empty()) return service::FromGrpcStatus(status);
  const std::string address = absl::StrReplaceAll(peer, {{"ipv4:", ""}, {"ipv6:", ""}});
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE &&
      absl::StrContains(status.error_message(), "failed to connect")) {
    const std::string advice = TlsAdvice(status.error_message());
    return MakeError(
        absl::StatusCode::kUnavailable, "NO_SERVER",
        "no pipeline answers at " + address +
            (advice.empty() ? "; start quern-pipeline there, or name another with --server" : ": " + advice));
  }
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    return MakeError(absl::StatusCode::kUnimplemented, "NOT_A_PIPELINE",
                     address +
                         " is not a pipeline of this version (it does not know this call of PipelineService); name "
                         "quern-pipeline with --server: it listens on port 7070 by default");
  }
  return service::FromGrpcStatus(status);
}

}  // namespace quern::cli
