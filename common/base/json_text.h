#pragma once

#include <string>
#include <string_view>

namespace quern {

// Appends `text`, which is valid UTF-8, as a JSON string in quotes: quotes, backslashes and control characters escaped,
// everything else as it is.
void AppendJsonString(std::string_view text, std::string* json);

// The same without the quotes around it.
void AppendJsonEscaped(std::string_view text, std::string* json);

}  // namespace quern
