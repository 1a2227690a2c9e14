#include "common/llm/server_error.h"

#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"
#include "common/llm/reply_text.h"

namespace quern::llm {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr size_t kMostMessageBytes = 4096;

std::string_view ErrorString(object parent, std::string_view key) {
  std::string_view text;
  return parent.at_key(key).get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

// pydantic's errors repeat the value that they complain of, which may be the prompt.
std::string WithoutInput(std::string_view message) {
  for (const std::string_view mark : {"'input':", "\"input\":", "input_value="}) {
    message = message.substr(0, message.find(mark));
  }
  return Shortened(message, kMostMessageBytes);
}

std::string CodeText(object error) {
  int64_t number = 0;
  if (error.at_key("code").get_int64().get(number) == simdjson::SUCCESS) return absl::StrCat(number);
  return Shortened(ErrorString(error, "code"), 64);
}

// FastAPI: {"loc": ["body", "response_format"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}.
void ReadFault(object fault, ServerError* error) {
  error->type = Shortened(ErrorString(fault, "type"), 64);
  std::string where;
  array loc;
  if (fault.at_key("loc").get_array().get(loc) == simdjson::SUCCESS) {
    for (const element step : loc) {
      std::string_view name;
      if (step.get_string().get(name) != simdjson::SUCCESS || name == "body") continue;
      if (error->param.empty()) error->param = Shortened(name, 64);
      absl::StrAppend(&where, where.empty() ? "" : ".", AbslView(name));
      if (where.size() > kMostMessageBytes) break;
    }
  }
  error->message = WithoutInput(absl::StrCat(where, where.empty() ? "" : ": ", AbslView(ErrorString(fault, "msg"))));
}

// A message is text, a list of faults (FastAPI), or an object that has one.
void ReadMessage(element value, ServerError* error) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    error->message = WithoutInput(text);
    return;
  }
  object detailed;
  element detail;
  // Mistral puts FastAPI's list into its message.
  if (value.get_object().get(detailed) == simdjson::SUCCESS &&
      detailed.at_key("detail").get(detail) == simdjson::SUCCESS) {
    value = detail;
  }
  array faults;
  if (value.get_array().get(faults) == simdjson::SUCCESS) {
    if (faults.begin() == faults.end()) return;
    value = *faults.begin();
  }
  object fault;
  if (value.get_object().get(fault) != simdjson::SUCCESS) return;
  ReadFault(fault, error);
  for (const std::string_view key : {"message", "error"}) {
    if (error->message.empty()) error->message = WithoutInput(ErrorString(fault, key));
  }
}

ServerError ReadErrorObject(object error) {
  // OpenRouter nests what another server answered.
  object nested;
  for (int depth = 0; depth < 3 && error.at_key("error").get_object().get(nested) == simdjson::SUCCESS; ++depth) {
    error = nested;
  }
  ServerError read;
  for (const std::string_view key : {"message", "msg", "detail", "error"}) {
    element value;
    if (read.message.empty() && error.at_key(key).get(value) == simdjson::SUCCESS) ReadMessage(value, &read);
  }
  read.code = CodeText(error);
  // Gemini says {"code": 429, "status": "RESOURCE_EXHAUSTED"}, TGI "error_type".
  for (const std::string_view key : {"type", "status", "error_type"}) {
    if (read.type.empty()) read.type = Shortened(ErrorString(error, key), 64);
  }
  if (const std::string_view param = ErrorString(error, "param"); !param.empty()) read.param = Shortened(param, 64);
  return read;
}

// null, "", {} and false next to a completion say that there was none.
bool IsAnError(element error) {
  object fields;
  if (error.get_object().get(fields) == simdjson::SUCCESS) return fields.begin() != fields.end();
  std::string_view text;
  return error.get_string().get(text) == simdjson::SUCCESS && !text.empty();
}

bool SaysNothing(const ServerError& error) { return error.message.empty() && error.code.empty() && error.type.empty(); }

}  // namespace

std::optional<ServerError> FindServerError(element reply) {
  array wrapped;
  if (reply.get_array().get(wrapped) == simdjson::SUCCESS && wrapped.begin() != wrapped.end()) reply = *wrapped.begin();
  object root;
  if (reply.get_object().get(root) != simdjson::SUCCESS) return std::nullopt;
  element error;
  const bool named = root.at_key("error").get(error) == simdjson::SUCCESS && IsAnError(error);
  const bool completes = root.at_key("choices").error() == simdjson::SUCCESS && ErrorString(root, "object") != "error";
  if (!named && completes) return std::nullopt;
  object inner;
  const ServerError read = ReadErrorObject(named && error.get_object().get(inner) == simdjson::SUCCESS ? inner : root);
  // A lone "type" or "code" may be anything's.
  if (SaysNothing(read) || (!named && read.message.empty())) return std::nullopt;
  return read;
}

ServerError ServerErrorOfText(std::string_view body) {
  ServerError error;
  const std::string start = Lowered(body, kMostMessageBytes);
  const size_t first = start.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return error;
  if (start[first] == '<') {
    const size_t open = start.find("<title>");
    const size_t close = start.find("</title>");
    if (open == std::string::npos || close == std::string::npos || close < open) return error;
    const size_t title = open + std::string_view("<title>").size();
    error.message = Shortened(body.substr(title, close - title));
  } else if (start[first] != '{' && start[first] != '[' && start.compare(first, 5, "data:") != 0) {
    // JSON that was cut, and an event stream, may quote the prompt.
    error.message = WithoutInput(body);
  }
  return error;
}

}  // namespace quern::llm
