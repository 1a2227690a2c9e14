#include "services/pipeline/token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"
#include "common/base/hash.h"

namespace quern::pipeline {
namespace {

// Hexadecimal digits of a 64-bit hash.
constexpr size_t kChecksumBytes = 16;

std::string Checksum(std::string_view scope, std::string_view payload) {
  return absl::StrFormat("%016x", Hash64(payload, Hash64(scope)));
}

}  // namespace

std::string EncodeToken(std::string_view scope, std::string_view payload) {
  return absl::WebSafeBase64Escape(Checksum(scope, payload) + std::string(payload));
}

absl::StatusOr<std::string> DecodeToken(std::string_view scope, std::string_view token) {
  std::string plain;
  if (absl::WebSafeBase64Unescape(AbslView(token), &plain) && plain.size() >= kChecksumBytes) {
    std::string payload = plain.substr(kChecksumBytes);
    if (plain.compare(0, kChecksumBytes, Checksum(scope, payload)) == 0) return payload;
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_TOKEN",
                   "the token was not made by this call for this job and filter; begin again without one");
}

}  // namespace quern::pipeline
