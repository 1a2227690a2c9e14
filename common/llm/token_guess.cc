#include "common/llm/token_guess.h"

#include <cmath>

namespace quern::llm {
namespace {

// Weight of the newest call in the moving averages: the last fifty or so count.
constexpr double kNewest = 0.04;

void MoveTowards(double value, double* average) { *average += kNewest * (value - *average); }

}  // namespace

Usage TokenGuess::UsageOf(size_t prompt_bytes) const {
  Usage usage;
  usage.input = static_cast<uint64_t>(std::llround(static_cast<double>(prompt_bytes) * input_per_byte_));
  usage.output = static_cast<uint64_t>(std::llround(output_));
  usage.estimated = true;
  return usage;
}

uint64_t TokenGuess::Of(size_t prompt_bytes) const {
  const Usage usage = UsageOf(prompt_bytes);
  return usage.input + usage.output;
}

void TokenGuess::Learn(size_t prompt_bytes, const Usage& usage) {
  if (usage.estimated || prompt_bytes == 0) return;
  MoveTowards(static_cast<double>(usage.input) / static_cast<double>(prompt_bytes), &input_per_byte_);
  MoveTowards(static_cast<double>(usage.output), &output_);
}

}  // namespace quern::llm
