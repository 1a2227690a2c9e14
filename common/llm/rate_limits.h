#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "quern/v1/llm.pb.h"

namespace quern::llm {

// What a provider admits to one key and model, over all processes. 0: no limit.
struct RateAccount {
  // The same in every process that asks the same servers for the same model with the same key. Holds no secret.
  std::string id;
  uint64_t calls_per_minute = 0;
  uint64_t tokens_per_minute = 0;

  bool limited() const { return calls_per_minute > 0 || tokens_per_minute > 0; }
};

RateAccount RateAccountOf(const v1::ModelSpec& model);

// Who keeps what is left of accounts' limits. Thread-compatible.
class RateLimits {
 public:
  struct Granted {
    // How many of those asked for may be made now, the first of them first.
    size_t calls = 0;
    // When to ask for more.
    absl::Duration wait = absl::ZeroDuration();
  };

  virtual ~RateLimits() = default;

  // Takes calls with their tokens, each as guessed. `correction` is what earlier guesses were short of, or, negative,
  // beyond. Blocks. UNAVAILABLE: not to be had now, nothing was taken.
  virtual absl::StatusOr<Granted> Take(const RateAccount& account, absl::Span<const uint64_t> tokens,
                                       int64_t correction) = 0;
};

}  // namespace quern::llm
