#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/llm/reply_usage.h"
#include "common/llm/server_error.h"

namespace quern::llm {

// What stands in the body of a reply, before anyone judges it.
struct Envelope {
  enum class Form {
    kEmpty,
    // Invalid UTF-8, or half a surrogate pair in a string.
    kNotUtf8,
    // HTML, text, an event stream, JSON that was cut or nests too deeply.
    kNotJson,
    kJson,
  };

  Form form = Form::kEmpty;
  std::optional<ServerError> error;
  // There is a "choices", and something in it. The rest is of its first.
  bool has_choices = false;
  bool has_choice = false;
  // The error of this choice alone (OpenRouter, when its upstream failed half-way).
  std::optional<ServerError> choice_error;
  bool calls_tools = false;
  std::string content;
  std::string reasoning;
  std::string refusal;
  std::string finish_reason;
  std::string model;
  TokenCounts tokens;
};

// Reads the body of a reply of any status. Linear in its size, whatever it holds.
Envelope ReadEnvelope(std::string_view body);

}  // namespace quern::llm
