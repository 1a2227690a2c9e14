#include "common/llm/expected_usage.h"

#include <algorithm>

namespace quern::llm {
namespace {

// Calls after which an average means something.
constexpr uint32_t kEnough = 50;

}  // namespace

Usage ExpectedUsage::AtMost(size_t prompt_bytes, uint32_t max_tokens) const {
  absl::MutexLock lock(&mutex_);
  Usage usage;
  if (learned_ < kEnough) {
    usage.input = prompt_bytes / 2;
    usage.output = max_tokens;
    return usage;
  }
  usage = guess_.UsageOf(prompt_bytes);
  usage.input += usage.input / 4;
  usage.output = std::min<uint64_t>(2 * usage.output, max_tokens);
  return usage;
}

void ExpectedUsage::Learn(size_t prompt_bytes, Usage usage) {
  // An estimate is what is paid for, too.
  usage.estimated = false;
  absl::MutexLock lock(&mutex_);
  guess_.Learn(prompt_bytes, usage);
  learned_ = std::min(learned_ + 1, kEnough);
}

}  // namespace quern::llm
