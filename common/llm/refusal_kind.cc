#include "common/llm/refusal_kind.h"

#include "common/llm/reply_text.h"

namespace quern::llm {
namespace {

constexpr std::string_view kContextMarks[] = {
    "context_length_exceeded",               // OpenAI, Azure
    "string_above_max_length",               // OpenAI
    "request too large for",                 // OpenAI: 429 for more tokens than a minute allows, which no waiting cures
    "maximum context length",                // vLLM, SGLang, OpenAI, Together
    "longer than the maximum model length",  // vLLM
    "model's context length",              // SGLang: "the input (… tokens) is longer than the model's context length"
    "exceeds the maximum allowed length",  // SGLang
    "exceed_context_size",                 // llama.cpp
    "exceeds the available context size",  // llama.cpp
    "exceed context window",               // llama-cpp-python
    "prompt is too long",                  // Anthropic
    "exceed context limit",                // Anthropic
    "contextwindowexceedederror",          // LiteLLM
    "`inputs` tokens + `max_new_tokens`",  // TGI
};

constexpr std::string_view kContentMarks[] = {
    "content_filter",                // Azure
    "responsibleaipolicyviolation",  // Azure
    "content management policy",     // Azure
    "content_policy_violation",      // OpenAI
    "contentpolicyviolation",        // LiteLLM
    "prompt was flagged",            // OpenAI
    "input was flagged",             // OpenRouter, with 403
    "content exists risk",           // DeepSeek
    "data_inspection_failed",        // DashScope
};

constexpr std::string_view kMoneyMarks[] = {
    "insufficient_quota",                       // OpenAI
    "billing_hard_limit_reached",               // OpenAI
    "billing_not_active",                       // OpenAI
    "exceeded your current quota",              // OpenAI
    "exceeded_current_quota",                   // Moonshot
    "credit balance",                           // Anthropic, with 400
    "reached your specified api usage limits",  // Anthropic, with 400
    "budget_exceeded",                          // LiteLLM, with 400 or 429
    "budget has been exceeded",                 // LiteLLM
    "insufficient balance",                     // DeepSeek
    "insufficient funds",
    "insufficient credit",    // OpenRouter
    "more credits",           // OpenRouter
    "credit limit exceeded",  // Together
    "out of credit",
    "not enough credit",
    "no credits",
};

constexpr std::string_view kKeyMarks[] = {
    "invalid_api_key", "incorrect api key",  // OpenAI; xAI, with 400
    "api key not valid",                     // Gemini, with 400
};

constexpr std::string_view kModelMarks[] = {
    "model_not_found",     // OpenAI, Together
    "deploymentnotfound",  // Azure
    "invalid model name",  // LiteLLM, with 400
    "model not exist",     // DeepSeek, with 400
};

// llama.cpp's router, with 400: "model 'qwen' not found".
bool SaysModelNotFound(std::string_view words) {
  const size_t model = words.find("model '");
  const size_t name_end = model == std::string_view::npos ? model : words.find('\'', model + 7);
  return name_end != std::string_view::npos && words.substr(name_end + 1).starts_with(" not found");
}

// Gemini says "exceeded your current quota" of every limit a minute.
constexpr std::string_view kRateMarks[] = {"resource_exhausted", "please retry in"};

}  // namespace

RefusalKind KindOfRefusal(const ServerError& error) {
  const std::string words = Lowered(error.code) + ' ' + Lowered(error.type) + ' ' + Lowered(error.message);
  if (HoldsAny(words, kContextMarks)) return RefusalKind::kContext;
  if (HoldsAny(words, kContentMarks)) return RefusalKind::kContent;
  if (HoldsAny(words, kMoneyMarks) && !HoldsAny(words, kRateMarks)) return RefusalKind::kMoney;
  if (HoldsAny(words, kKeyMarks)) return RefusalKind::kKey;
  if (HoldsAny(words, kModelMarks) || SaysModelNotFound(words)) return RefusalKind::kModel;
  return RefusalKind::kOther;
}

}  // namespace quern::llm
