#pragma once

#include "common/llm/reply.h"
#include "common/llm/server_error.h"

namespace quern::llm {

// A reading without a completion: `sentence`, then what the server said.
Reading NoCompletion(Reading::Verdict verdict, std::string_view reason, std::string_view sentence,
                     std::string_view said = "");

// What it means that a server answers with the HTTP status `status`, which is not 2xx (or the status that an error in a
// 2xx body has by its code), and `error`.
Reading ReadRefusal(int status, const ServerError& error);

}  // namespace quern::llm
