#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "quern/v1/config.pb.h"

namespace quern::service {

// What a server listens with: plaintext where no certificate is set. Files are read again when they change, within 10
// s. NOT_FOUND, INVALID_ARGUMENT, reason INVALID_TLS: a file is missing or no PEM, or key and certificate do not belong
// together.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerTls(const v1::TlsConfig& config);

// What a client calls with: plaintext where no CA is set. Files and errors as above.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientTls(const v1::CallConfig& config);

}  // namespace quern::service
