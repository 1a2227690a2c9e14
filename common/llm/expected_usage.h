#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/completion.h"
#include "common/llm/token_guess.h"

namespace quern::llm {

// What a call is expected to take at most, from the calls of its kind before it. Thread-safe.
class ExpectedUsage {
 public:
  // Somewhat more input than such a prompt takes, and twice the output that came on average; while little is known, a
  // token for each two bytes, and all that the model may answer.
  Usage AtMost(size_t prompt_bytes, uint32_t max_tokens) const;
  // What a completion took, told or estimated.
  void Learn(size_t prompt_bytes, Usage usage);

 private:
  mutable absl::Mutex mutex_;
  TokenGuess guess_ ABSL_GUARDED_BY(mutex_);
  uint32_t learned_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace quern::llm
