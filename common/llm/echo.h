#pragma once

#include <string>
#include <string_view>

namespace quern::llm {

// What a server says, without what it repeats of the prompt (validators of request bodies do): such stretches of 24
// bytes or more become "…". Reasons and logs are no place for documents. Both are UTF-8.
std::string WithoutEcho(std::string_view said, std::string_view prompt);

}  // namespace quern::llm
