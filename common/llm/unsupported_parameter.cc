#include "common/llm/unsupported_parameter.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "common/llm/reply_text.h"

namespace quern::llm {
namespace {

// How servers speak of structured replies: OpenAI, Together, Groq; vLLM's and SGLang's guided decoding; the grammars
// that llama.cpp and xgrammar make of a schema.
constexpr std::string_view kStructuredMarks[] = {
    "response_format", "response format",   "json_schema",       "json schema", "json_object",
    "guided",          "structured output", "structured_output", "xgrammar",    "grammar",
};

constexpr std::string_view kUnsupportedMarks[] = {
    "unsupported parameter",
    "unsupported_parameter",
    "unsupported value",
    "unsupported_value",  // OpenAI, Azure
    "unrecognized request argument",
    "unknown parameter",
    "unknown_parameter",  // OpenAI, Azure
    "unsupportedparamserror",
    "does not support parameter",  // LiteLLM
    "extra inputs",
    "extra_forbidden",
    "extra fields",   // FastAPI: vLLM, Mistral
    "unknown field",  // servers in Go and Rust
};

// What a request cannot go without. Where one of them has something too much, the request is at fault.
constexpr std::string_view kNeeded[] = {"messages", "model", "prompt", "input"};

// Fields that Quern sends by itself, the longer name before the one that it holds.
constexpr std::string_view kOwnFields[] = {"max_completion_tokens", "max_tokens", "temperature", "top_p", "seed"};

bool IsFieldCharacter(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// The name that `text` begins with: up to a dot or a bracket of a path.
std::string FieldAtStart(std::string_view text) {
  // A proxy was seen to name its status.
  if (!text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text.front()))) return "";
  size_t end = 0;
  while (end < text.size() && IsFieldCharacter(text[end])) ++end;
  return end <= 64 ? std::string(text.substr(0, end)) : "";
}

// The name behind the first `mark`, or "".
std::string FieldBehind(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  return at == std::string_view::npos ? "" : FieldAtStart(text.substr(at + mark.size()));
}

std::string FieldInMessage(std::string_view message) {
  size_t first = std::string_view::npos;
  std::string_view named;
  for (const std::string_view field : kOwnFields) {
    const size_t at = message.find(field);
    if (at < first) {
      first = at;
      named = field;
    }
  }
  if (!named.empty()) return std::string(named);
  // pydantic's own path; then 'x', "x", `x` and ": x".
  for (const std::string_view mark : {"'loc': ('body', '", "'", "\"", "`", ": "}) {
    if (std::string field = FieldBehind(message, mark); !field.empty()) return field;
  }
  return "";
}

}  // namespace

std::optional<std::string> UnsupportedParameter(const ServerError& error) {
  const std::string message = Lowered(error.message);
  const std::string param = FieldAtStart(error.param);
  if (HoldsAny(message, kStructuredMarks) || HoldsAny(Lowered(param), kStructuredMarks)) return "response_format";
  if (!HoldsAny(message + ' ' + Lowered(error.code) + ' ' + Lowered(error.type), kUnsupportedMarks)) {
    return std::nullopt;
  }
  std::string field = param.empty() ? FieldInMessage(error.message) : param;
  if (std::find(std::begin(kNeeded), std::end(kNeeded), field) != std::end(kNeeded)) return std::nullopt;
  return field;
}

}  // namespace quern::llm
