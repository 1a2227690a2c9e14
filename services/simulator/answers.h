#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "services/simulator/prompt_reader.h"

namespace quern::simulator {

// What a simulated model says: the JSON object that a stage's prompt asks for. Implementations are deterministic in
// prompt and sample, what was asked before apart, and thread-safe.
class Answers {
 public:
  virtual ~Answers() = default;

  // `sample` tells samples of one prompt apart.
  virtual nlohmann::ordered_json Make(const Prompt& prompt, uint64_t sample) = 0;
};

}  // namespace quern::simulator
