#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace quern::simulator {

// What a chat-completions request says, as far as the simulator looks at it.
struct ChatRequest {
  std::string model;
  // The text of all messages, with line feeds between.
  std::string prompt;
  // response_format.type, "" when not given.
  std::string response_format;
  // response_format.json_schema.name, "" when not given.
  std::string schema_name;
  std::optional<int64_t> seed;
  // max_completion_tokens, or else max_tokens.
  std::optional<uint64_t> max_tokens;

  // The first message of the role user: the task. What follows it in a re-ask only asks for a better form.
  std::string_view task() const { return std::string_view(prompt).substr(task_begin, task_size); }

  size_t task_begin = 0;
  size_t task_size = 0;
};

// Reads the body of a request. `body` is not changed; it may be reallocated, for simdjson reads a little beyond the
// end. INVALID_ARGUMENT, reason BAD_REQUEST, says in the words of an API what is wrong. Thread-safe.
absl::StatusOr<ChatRequest> ParseChatRequest(std::string& body);

}  // namespace quern::simulator
