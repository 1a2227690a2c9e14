#include "common/service/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/config/file.h"
#include "common/base/error.h"

namespace quern::service {
namespace {

using grpc::experimental::FileWatcherCertificateProvider;

constexpr unsigned kReadAgainSeconds = 5;

absl::Status Bad(const std::string& what) { return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_TLS", what); }

// What OpenSSL found wrong last, for people.
std::string SslError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

// gRPC would listen with files that it cannot use, and fail each handshake.
absl::Status CheckPair(const std::string& certificate, const std::string& key) {
  if (certificate.empty() != key.empty()) {
    return Bad("certificate_file and key_file belong together: one of them is not set");
  }
  if (certificate.empty()) return absl::OkStatus();
  QUERN_RETURN_IF_ERROR(config::ReadSmallFile(certificate).status());
  QUERN_RETURN_IF_ERROR(config::ReadSmallFile(key).status());
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_method()), &SSL_CTX_free);
  if (context == nullptr) return absl::InternalError("OpenSSL cannot start");
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return Bad(absl::StrCat(certificate, " holds no certificate in PEM: ", SslError()));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Bad(absl::StrCat(key, " holds no private key in PEM that fits ", certificate, ": ", SslError()));
  }
  // Only this compares keys of different kinds.
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return Bad(absl::StrCat(key, " is not the key of ", certificate, ": ", SslError()));
  }
  return absl::OkStatus();
}

absl::Status CheckAuthority(const std::string& file) {
  if (file.empty()) return absl::OkStatus();
  QUERN_RETURN_IF_ERROR(config::ReadSmallFile(file).status());
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_method()), &SSL_CTX_free);
  if (context == nullptr) return absl::InternalError("OpenSSL cannot start");
  if (SSL_CTX_load_verify_locations(context.get(), file.c_str(), nullptr) == 1) return absl::OkStatus();
  return Bad(absl::StrCat(file, " holds no certificate in PEM: ", SslError()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerTls(const v1::TlsConfig& config) {
  QUERN_RETURN_IF_ERROR(CheckPair(config.certificate_file(), config.key_file()));
  QUERN_RETURN_IF_ERROR(CheckAuthority(config.client_ca_file()));
  if (config.certificate_file().empty()) {
    if (!config.client_ca_file().empty()) return Bad("client_ca_file needs certificate_file and key_file");
    return grpc::InsecureServerCredentials();
  }
  grpc::experimental::TlsServerCredentialsOptions options(std::make_shared<FileWatcherCertificateProvider>(
      config.key_file(), config.certificate_file(), config.client_ca_file(), kReadAgainSeconds));
  options.watch_identity_key_cert_pairs();
  if (!config.client_ca_file().empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientTls(const v1::CallConfig& config) {
  QUERN_RETURN_IF_ERROR(CheckPair(config.certificate_file(), config.key_file()));
  QUERN_RETURN_IF_ERROR(CheckAuthority(config.ca_file()));
  if (config.ca_file().empty()) {
    if (!config.certificate_file().empty()) return Bad("certificate_file needs ca_file: without it there is no TLS");
    return grpc::InsecureChannelCredentials();
  }
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<FileWatcherCertificateProvider>(
      config.key_file(), config.certificate_file(), config.ca_file(), kReadAgainSeconds));
  options.watch_root_certs();
  if (!config.certificate_file().empty()) options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace quern::service
