#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/status.h"

namespace quern::llm {

// Tokens of one or several calls.
struct Usage {
  uint64_t input = 0;
  // Part of `input` that the server had cached.
  uint64_t cached = 0;
  uint64_t output = 0;
  // The server did not say: guessed from the bytes.
  bool estimated = false;

  Usage& operator+=(const Usage& other);
};

// What the tries of a call took together, those included whose replies could not be used.
struct Spent {
  // Tries that a completion answered, whole or cut.
  uint32_t calls = 0;
  Usage usage;
  // In the budget's currency.
  double cost = 0;
};

// A model's reply.
struct Completion {
  Completion() = default;

  // The content, without reasoning.
  std::string text;
  // What the model thought aloud: reasoning_content, reasoning, or a leading <think> block.
  std::string reasoning;
  // As the server said: "stop", "length", …
  std::string finish_reason;
  // The model's name as the server says it, and as the job's spec calls it.
  std::string model;
  std::string asked;
  Usage usage;
  // In the budget's currency.
  double cost = 0;
  // This try's included.
  Spent spent;
};

// Why there is no completion, and whose fault it is; the words of stage::Fault.
struct Failure {
  enum class Whose {
    // This call: what was asked, or what came back. Another try may do better.
    kItem,
    // The endpoint or the network: nothing works now, waiting helps.
    kEnvironment,
    // Money, rights, configuration: nothing works until a person acts.
    kJob,
  };

  Failure() = default;
  Failure(Whose whose_in, absl::Status status_in) : whose(whose_in), status(std::move(status_in)) {}

  Whose whose = Whose::kItem;
  // Of kItem: another try would end the same way.
  bool final = false;
  // Carries a reason: RATE_LIMITED, QUOTA_EXHAUSTED, KEY_REFUSED, MODEL_NOT_FOUND, CONTEXT_TOO_LONG, TRUNCATED, …
  absl::Status status;
  // What the model wrote, where it wrote something.
  std::string text;
  std::string finish_reason;
  // The model that was asked, as the job's spec calls it; empty where none was.
  std::string asked;
  Spent spent;
};

using Result = std::variant<Completion, Failure>;

}  // namespace quern::llm
