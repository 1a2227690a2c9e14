#include "common/llm/reply_envelope.h"

#include "common/base/absl_view.h"
#include "common/llm/kept_parser.h"
#include "common/llm/reply_text.h"

namespace quern::llm {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view StringAt(object parent, std::string_view key) {
  std::string_view text;
  return parent.at_key(key).get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

bool HasItems(object parent, std::string_view key) {
  array items;
  return parent.at_key(key).get_array().get(items) == simdjson::SUCCESS && items.begin() != items.end();
}

void AppendParts(element value, Envelope* envelope);

// A part is text, what Mistral's models think, or a refusal.
void AppendPart(object part, Envelope* envelope) {
  const std::string_view type = StringAt(part, "type");
  if (type == "thinking") {
    // Again a text or a list of parts.
    element thought;
    if (part.at_key("thinking").get(thought) != simdjson::SUCCESS) return;
    Envelope inner;
    AppendParts(thought, &inner);
    envelope->reasoning += inner.content;
  } else if (type == "refusal") {
    envelope->refusal += StringAt(part, "refusal");
  } else {
    envelope->content += StringAt(part, "text");
  }
}

// A message's content: text, or a list of parts.
void AppendParts(element value, Envelope* envelope) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    envelope->content += text;
    return;
  }
  array parts;
  if (value.get_array().get(parts) != simdjson::SUCCESS) return;
  for (const element item : parts) {
    object part;
    if (item.get_object().get(part) == simdjson::SUCCESS) {
      AppendPart(part, envelope);
    } else if (item.get_string().get(text) == simdjson::SUCCESS) {
      envelope->content += text;
    }
  }
}

void ReadReplyMessage(object message, Envelope* envelope) {
  element content;
  if (message.at_key("content").get(content) == simdjson::SUCCESS) AppendParts(content, envelope);
  // vLLM, SGLang and DeepSeek say reasoning_content, Ollama, OpenRouter and newer vLLM reasoning; some say both.
  std::string_view reasoning = StringAt(message, "reasoning_content");
  if (reasoning.empty()) reasoning = StringAt(message, "reasoning");
  envelope->reasoning += reasoning;
  envelope->refusal += StringAt(message, "refusal");
  object call;
  envelope->calls_tools =
      HasItems(message, "tool_calls") || message.at_key("function_call").get_object().get(call) == simdjson::SUCCESS;
}

void ReadChoice(object choice, Envelope* envelope) {
  envelope->has_choice = true;
  // It becomes a metric's label, so it stays short.
  envelope->finish_reason = Shortened(StringAt(choice, "finish_reason"), 64);
  element error;
  if (choice.at_key("error").get(error) == simdjson::SUCCESS) envelope->choice_error = FindServerError(error);
  object message;
  if (choice.at_key("message").get_object().get(message) == simdjson::SUCCESS) ReadReplyMessage(message, envelope);
}

void ReadJson(element json, Envelope* envelope) {
  envelope->form = Envelope::Form::kJson;
  envelope->error = FindServerError(json);
  object root;
  if (json.get_object().get(root) != simdjson::SUCCESS) return;
  envelope->model = Shortened(StringAt(root, "model"), 256);
  object usage;
  if (root.at_key("usage").get_object().get(usage) == simdjson::SUCCESS) envelope->tokens = ReadTokenCounts(usage);
  element choices;
  envelope->has_choices = root.at_key("choices").get(choices) == simdjson::SUCCESS;
  array items;
  if (!envelope->has_choices || choices.get_array().get(items) != simdjson::SUCCESS) return;
  object choice;
  if (items.begin() != items.end() && (*items.begin()).get_object().get(choice) == simdjson::SUCCESS) {
    ReadChoice(choice, envelope);
  }
}

// Why `body`, which doesn't parse, doesn't.
Envelope::Form FaultyForm(std::string_view body, simdjson::error_code error) {
  if (error == simdjson::STRING_ERROR || !simdjson::validate_utf8(body.data(), body.size())) {
    return Envelope::Form::kNotUtf8;
  }
  return Envelope::Form::kNotJson;
}

}  // namespace

Envelope ReadEnvelope(std::string_view body) {
  // Gateways on IIS put a byte order mark before their JSON.
  if (body.substr(0, kByteOrderMark.size()) == kByteOrderMark) body.remove_prefix(kByteOrderMark.size());
  // LiteLLM and OpenRouter keep a slow connection alive with blanks.
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return Envelope();
  return WithJson(body, [&](simdjson::simdjson_result<element> json) {
    Envelope envelope;
    element root;
    if (const simdjson::error_code error = json.get(root); error == simdjson::SUCCESS) {
      ReadJson(root, &envelope);
    } else {
      envelope.form = FaultyForm(body, error);
      if (envelope.form == Envelope::Form::kNotJson) envelope.error = ServerErrorOfText(body);
    }
    return envelope;
  });
}

}  // namespace quern::llm
