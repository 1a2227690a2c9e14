#pragma once

#include <string_view>

#include "services/generator/sentence.h"

namespace quern::generator {

// True when a superlative stands at `at`: "largest", "most" before an adjective, "best".
bool IsSuperlative(const Sentence& sentence, size_t at);

// True for "first" to "tenth", in lower case.
bool IsOrdinal(std::string_view word);

}  // namespace quern::generator
