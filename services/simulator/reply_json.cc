#include "services/simulator/reply_json.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace quern::simulator {
namespace {

std::string NullOr(std::string_view text) { return text.empty() ? "null" : QuotedJson(text); }

std::string MessageJson(const CompletionBody& completion) {
  std::string json = absl::StrCat("{\"role\":\"assistant\",\"content\":",
                                  completion.null_content ? "null" : QuotedJson(completion.content));
  if (!completion.reasoning.empty()) {
    absl::StrAppend(&json, ",\"reasoning_content\":", QuotedJson(completion.reasoning));
  }
  absl::StrAppend(&json, ",\"refusal\":", NullOr(completion.refusal));
  if (completion.tool_call) {
    absl::StrAppend(&json,
                    ",\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"look_up\","
                    "\"arguments\":\"{}\"}}]");
  }
  return json + "}";
}

std::string UsageJson(const CompletionBody& completion) {
  return absl::StrFormat(
      "{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d,"
      "\"prompt_tokens_details\":{\"cached_tokens\":%d}}",
      completion.input_tokens, completion.output_tokens, completion.input_tokens + completion.output_tokens,
      completion.cached_tokens);
}

}  // namespace

std::string QuotedJson(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string CompletionJson(const CompletionBody& completion) {
  std::string json = absl::StrFormat(
      "{\"id\":\"chatcmpl-%016x\",\"object\":\"chat.completion\",\"created\":%d,\"model\":%s,\"choices\":[",
      completion.id, completion.created, QuotedJson(completion.model));
  if (!completion.no_choices) {
    absl::StrAppend(&json, "{\"index\":0,\"message\":", MessageJson(completion),
                    ",\"logprobs\":null,\"finish_reason\":", QuotedJson(completion.finish_reason), "}");
  }
  json += ']';
  if (!completion.no_usage) absl::StrAppend(&json, ",\"usage\":", UsageJson(completion));
  return json + "}";
}

std::string ErrorJson(std::string_view message, std::string_view type, std::string_view code, std::string_view param) {
  return absl::StrCat("{\"error\":{\"message\":", QuotedJson(message), ",\"type\":", QuotedJson(type),
                      ",\"param\":", NullOr(param), ",\"code\":", NullOr(code), "}}");
}

std::string ModelsJson(std::string_view model, uint64_t context_tokens) {
  const std::string context = context_tokens == 0 ? "" : absl::StrCat(",\"max_model_len\":", context_tokens);
  return absl::StrCat("{\"object\":\"list\",\"data\":[{\"id\":", QuotedJson(model),
                      ",\"object\":\"model\",\"created\":0,\"owned_by\":\"quern\"", context, "}]}");
}

}  // namespace quern::simulator
