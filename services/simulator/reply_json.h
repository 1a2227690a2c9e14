#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quern::simulator {

// A chat completion in the words of OpenAI's API.
struct CompletionBody {
  uint64_t id = 0;
  // Unix seconds.
  int64_t created = 0;
  std::string model;
  std::string content;
  // message.content is null.
  bool null_content = false;
  // Left out when empty.
  std::string reasoning;
  std::string refusal;
  // message.tool_calls holds one.
  bool tool_call = false;
  std::string finish_reason = "stop";
  // choices is an empty list.
  bool no_choices = false;
  // usage is left out.
  bool no_usage = false;
  uint64_t input_tokens = 0;
  uint64_t cached_tokens = 0;
  uint64_t output_tokens = 0;
};

std::string CompletionJson(const CompletionBody& completion);

// {"error": {...}}. An empty `param` or `code` is null.
std::string ErrorJson(std::string_view message, std::string_view type, std::string_view code = "",
                      std::string_view param = "");

// The list of models: one, with its context where that is limited.
std::string ModelsJson(std::string_view model, uint64_t context_tokens);

// `text` as a JSON string with its quotes; what is no UTF-8 in it becomes U+FFFD.
std::string QuotedJson(std::string_view text);

}  // namespace quern::simulator
