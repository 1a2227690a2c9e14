#pragma once

#include <optional>
#include <string>

#include "common/llm/server_error.h"

namespace quern::llm {

// The field of the request that a server does not know or does not take with this model, from the error of its 400 or
// 422: "response_format" for whatever it calls structured replies, else the field's name, or "" where it names none.
// Nothing where the error is of another kind, or of a field that no request can go without.
std::optional<std::string> UnsupportedParameter(const ServerError& error);

}  // namespace quern::llm
