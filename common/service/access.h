#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace grpc {
class ServerContextBase;
}  // namespace grpc

namespace quern::service {

// What a caller may do; each role may do what those before it may.
enum class Role {
  // See jobs, records and dead letters.
  kRead,
  // Create and steer jobs, send documents, ask the stages: what costs money.
  kSubmit,
  // Delete.
  kAdmin,
};

// One who may call.
struct Caller {
  Role role;
  // For logs.
  std::string name;
  std::string token;
};

// Reads a tokens file: a line each of ROLE NAME TOKEN, blank lines and lines that begin with "#" aside. A token has at
// least 16 printable characters of ASCII. INVALID_ARGUMENT, reason INVALID_TOKENS: names the line, never its token.
absl::StatusOr<std::vector<Caller>> ParseTokens(std::string_view text);

// Who may call what: bearer tokens ("authorization: Bearer TOKEN") from a file that is read again when it changes,
// within 2 s; a version that cannot be read changes nothing and is logged. Without a file everybody may do everything.
// Thread-safe.
class Access {
 public:
  // `tokens_file` may be empty. NOT_FOUND, INVALID_ARGUMENT: it cannot be read, or ParseTokens.
  static absl::StatusOr<std::unique_ptr<Access>> Open(const std::string& tokens_file);
  // Lets everybody do everything.
  static const Access& Everybody();
  ~Access();
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  // Whether a call's client may do what needs `role`. UNAUTHENTICATED, reason NO_TOKEN or UNKNOWN_TOKEN; or
  // PERMISSION_DENIED, reason ROLE_TOO_LOW.
  absl::Status Check(const grpc::ServerContextBase& context, Role role) const;

 private:
  class Impl;
  explicit Access(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quern::service
