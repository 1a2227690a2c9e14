#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace quern::pipeline {

// Tokens that clients carry from page to page: opaque to them, checked by us. `scope` says what a token is for (the
// RPC, its job and its filters); one made for another scope, or mended by hand, is refused. No secret, only a checksum:
// a token grants nothing that the request would not grant anyway.

std::string EncodeToken(std::string_view scope, std::string_view payload);

// The payload. INVALID_ARGUMENT, reason INVALID_TOKEN.
absl::StatusOr<std::string> DecodeToken(std::string_view scope, std::string_view token);

}  // namespace quern::pipeline
