#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace quern {

// Errors are absl::Status with one addition: a stable, upper-case reason ("INVALID_UTF8", "JOB_EXISTS") that programs
// and people can match on while messages stay free to change. It travels to gRPC clients as
// google.rpc.ErrorInfo.reason. A message says what went wrong, with which input, and what to do; it never holds
// document text or secrets.

// Makes an error. `code` is not kOk.
absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message);

// The reason of `status`, or "" when it carries none.
std::string ErrorReason(const absl::Status& status);

// The same error, its message led by "`context`: ". OK stays OK.
absl::Status WithContext(absl::Status status, std::string_view context);

}  // namespace quern

// Returns from the calling function when `expression`, an absl::Status, is not OK.
#define QUERN_RETURN_IF_ERROR(expression)                                                  \
  do {                                                                                     \
    if (absl::Status quern_status = (expression); !quern_status.ok()) return quern_status; \
  } while (false)

#define QUERN_CONCAT_INNER(a, b) a##b
#define QUERN_CONCAT(a, b) QUERN_CONCAT_INNER(a, b)

// Binds `left` (a declaration or an lvalue) to the value of `expression`, an absl::StatusOr, or returns its error.
#define QUERN_ASSIGN_OR_RETURN(left, expression) \
  QUERN_ASSIGN_OR_RETURN_IMPL(QUERN_CONCAT(quern_status_or_, __LINE__), left, expression)
#define QUERN_ASSIGN_OR_RETURN_IMPL(temporary, left, expression) \
  auto temporary = (expression);                                 \
  if (!temporary.ok()) return std::move(temporary).status();     \
  left = *std::move(temporary)
