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
  // The document's id.
  std::string_view document;
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
  // A completion came, whole or cut: what the account calls a call.
  bool answered = false;
};

// A reply that was taken from the cache instead of a call.
struct ReuseReport {
  std::string_view stage;
  std::string_view model;
  std::string_view document;
  // What it took when it was asked for, and what that costs by this job's prices.
  Usage usage;
  double cost = 0;
};

// Who wants to know of every request, and of every one that was saved. Thread-safe.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  virtual void Observe(const CallReport& report) = 0;
  virtual void ObserveReuse(const ReuseReport& report) = 0;
};

}  // namespace quern::llm
