#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/llm/completion.h"

namespace quern::llm {

// The tokens that a reply counts; without a value where it doesn't say, or says what cannot be.
struct TokenCounts {
  std::optional<uint64_t> input;
  std::optional<uint64_t> cached;
  std::optional<uint64_t> output;
};

// Reads a reply's "usage" in the forms of OpenAI (vLLM, SGLang and most others), DeepSeek, Moonshot and Anthropic.
TokenCounts ReadTokenCounts(simdjson::dom::object usage);

// Usage from `counts`; what they lack is estimated at four bytes a token.
Usage UsageOf(const TokenCounts& counts, size_t prompt_bytes, size_t reply_bytes);

}  // namespace quern::llm
