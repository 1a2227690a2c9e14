#pragma once

#include <cstddef>
#include <cstdint>

#include "common/llm/completion.h"

namespace quern::llm {

// Guesses the tokens of a call before it is made, from the calls before it. Thread-compatible.
class TokenGuess {
 public:
  Usage UsageOf(size_t prompt_bytes) const;
  // Input and output together.
  uint64_t Of(size_t prompt_bytes) const;
  // Usage that a server told; what was itself guessed teaches nothing.
  void Learn(size_t prompt_bytes, const Usage& usage);

 private:
  // Of English text, before anything is known.
  double input_per_byte_ = 0.25;
  double output_ = 256;
};

}  // namespace quern::llm
