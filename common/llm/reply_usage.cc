#include "common/llm/reply_usage.h"

#include <algorithm>
#include <string_view>

namespace quern::llm {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

// No request has as many tokens.
constexpr uint64_t kMostTokens = uint64_t{1} << 40;
constexpr size_t kBytesPerToken = 4;

std::optional<uint64_t> CountOf(object parent, std::string_view key) {
  element value;
  if (parent.at_key(key).get(value) != simdjson::SUCCESS) return std::nullopt;
  uint64_t count = 0;
  if (value.get_uint64().get(count) == simdjson::SUCCESS) {
    return count <= kMostTokens ? std::optional(count) : std::nullopt;
  }
  // Gateways in languages with one kind of number write 12.0.
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS || !(number >= 0 && number <= double{kMostTokens})) {
    return std::nullopt;
  }
  return static_cast<uint64_t>(number);
}

std::optional<uint64_t> NestedCount(object parent, std::string_view key, std::string_view nested) {
  object child;
  if (parent.at_key(key).get_object().get(child) != simdjson::SUCCESS) return std::nullopt;
  return CountOf(child, nested);
}

template <typename... Counts>
std::optional<uint64_t> FirstCount(Counts... counts) {
  std::optional<uint64_t> first;
  ((first = first ? first : counts), ...);
  return first;
}

// A prompt has at least one token: Ollama says 0 for one that it had cached, some gateways for all they don't count.
std::optional<uint64_t> UnlessZero(std::optional<uint64_t> count, size_t bytes) {
  return count == 0 && bytes > 0 ? std::nullopt : count;
}

}  // namespace

TokenCounts ReadTokenCounts(object usage) {
  TokenCounts counts;
  counts.input = FirstCount(CountOf(usage, "prompt_tokens"), CountOf(usage, "input_tokens"));
  counts.output = FirstCount(CountOf(usage, "completion_tokens"), CountOf(usage, "output_tokens"));
  const auto total = CountOf(usage, "total_tokens");
  if (!counts.output && counts.input && total && *total >= *counts.input) counts.output = *total - *counts.input;
  counts.cached = FirstCount(NestedCount(usage, "prompt_tokens_details", "cached_tokens"),  // OpenAI, vLLM, SGLang
                             CountOf(usage, "prompt_cache_hit_tokens"),                     // DeepSeek
                             CountOf(usage, "cached_tokens"),                               // Moonshot
                             NestedCount(usage, "input_tokens_details", "cached_tokens"),
                             CountOf(usage, "cache_read_input_tokens"));  // Anthropic, by way of LiteLLM
  return counts;
}

Usage UsageOf(const TokenCounts& counts, size_t prompt_bytes, size_t reply_bytes) {
  const auto input = UnlessZero(counts.input, prompt_bytes);
  const auto output = UnlessZero(counts.output, reply_bytes);
  Usage usage;
  usage.input = input.value_or((prompt_bytes + kBytesPerToken - 1) / kBytesPerToken);
  usage.output = output.value_or((reply_bytes + kBytesPerToken - 1) / kBytesPerToken);
  usage.cached = std::min(counts.cached.value_or(0), usage.input);
  usage.estimated = !input || !output;
  return usage;
}

}  // namespace quern::llm
