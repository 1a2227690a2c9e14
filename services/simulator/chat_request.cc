#include "services/simulator/chat_request.h"

#include <simdjson.h>

#include "common/base/error.h"

namespace quern::simulator {
namespace {

using simdjson::dom::element;

absl::Status BadRequest(std::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, "BAD_REQUEST", message);
}

// The string `key` of `object`, or "".
std::string_view StringAt(const element& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

template <typename Number>
std::optional<Number> NumberAt(const element& object, std::string_view key) {
  Number number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

// A content is a string, or a list of parts of which some are text.
absl::Status AppendContent(const element& message, std::string& prompt) {
  element content;
  if (message["content"].get(content) != simdjson::SUCCESS || content.is_null()) return absl::OkStatus();
  std::string_view text;
  if (content.get(text) == simdjson::SUCCESS) {
    prompt += text;
    return absl::OkStatus();
  }
  simdjson::dom::array parts;
  if (content.get(parts) != simdjson::SUCCESS) return BadRequest("'messages.content' is neither text nor a list");
  for (const element part : parts) prompt += StringAt(part, "text");
  return absl::OkStatus();
}

absl::Status ReadMessages(const element& root, ChatRequest& request) {
  simdjson::dom::array messages;
  if (root["messages"].get(messages) != simdjson::SUCCESS || messages.size() == 0) {
    return BadRequest("'messages' is missing or empty");
  }
  bool has_task = false;
  bool first = true;
  for (const element message : messages) {
    if (!message.is_object()) return BadRequest("'messages' holds something else than objects");
    if (!first) request.prompt += '\n';
    first = false;
    const size_t begin = request.prompt.size();
    QUERN_RETURN_IF_ERROR(AppendContent(message, request.prompt));
    if (has_task || StringAt(message, "role") != "user") continue;
    has_task = true;
    request.task_begin = begin;
    request.task_size = request.prompt.size() - begin;
  }
  return has_task ? absl::OkStatus() : BadRequest("'messages' holds no message of the role 'user'");
}

}  // namespace

absl::StatusOr<ChatRequest> ParseChatRequest(std::string& body) {
  // A parser's buffers are worth keeping.
  thread_local simdjson::dom::parser parser;
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  element root;
  const simdjson::error_code error = parser.parse(body.data(), body.size(), false).get(root);
  if (error != simdjson::SUCCESS || !root.is_object()) {
    return BadRequest("We could not parse the JSON body of your request: it is no JSON object in UTF-8.");
  }
  bool stream = false;
  if (root["stream"].get(stream) == simdjson::SUCCESS && stream) return BadRequest("'stream' is not supported here");

  ChatRequest request;
  request.model = StringAt(root, "model");
  if (request.model.empty()) return BadRequest("you must provide a 'model' parameter");
  QUERN_RETURN_IF_ERROR(ReadMessages(root, request));
  element format;
  if (root["response_format"].get(format) == simdjson::SUCCESS && format.is_object()) {
    request.response_format = StringAt(format, "type");
    element schema;
    if (format["json_schema"].get(schema) == simdjson::SUCCESS && schema.is_object()) {
      request.schema_name = StringAt(schema, "name");
    }
  }
  request.seed = NumberAt<int64_t>(root, "seed");
  request.max_tokens = NumberAt<uint64_t>(root, "max_completion_tokens");
  if (!request.max_tokens) request.max_tokens = NumberAt<uint64_t>(root, "max_tokens");
  return request;
}

}  // namespace quern::simulator
