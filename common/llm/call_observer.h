#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/llm/completion.h"

namespace quern::llm {

// One HTTP request to a model, for metrics.
struct CallReport {
  std::string_view stage;
  std::string_view model;
  // The HTTP status, or "unreachable", "lost", "too_long".
  std::string code;
  absl::Duration duration;
  Usage usage;
  double cost = 0;
  // Empty where no completion came.
  std::string_view finish_reason;
  // The reason for which it is sent again. Empty: it is not.
  std::string_view retried;
  bool ambiguous = false;
};

// Who wants to know of every request. Thread-safe.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  virtual void Observe(const CallReport& report) = 0;
};

}  // namespace quern::llm
