#pragma once

#include "services/generator/sentence.h"

namespace quern::generator {

// True when a superlative stands at `at`: "largest", "most" before an adjective, "best".
bool IsSuperlative(const Sentence& sentence, size_t at);

}  // namespace quern::generator
