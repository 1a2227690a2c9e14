#pragma once

#include "services/simulator/answers.h"
#include "services/simulator/known_answers.h"

namespace quern::simulator {

// Answers that cost next to nothing, for benchmarks: every document is good, every pair is right, and a question asks
// which three words follow a few others near the document's beginning. At most 4 KiB of a document are read.
// Thread-safe.
class FixedAnswers final : public Answers {
 public:
  // `known` outlives it.
  explicit FixedAnswers(KnownAnswers& known) : known_(known) {}

  nlohmann::ordered_json Make(const Prompt& prompt, uint64_t sample) override;

 private:
  nlohmann::ordered_json Question(const Prompt& prompt);

  KnownAnswers& known_;
};

}  // namespace quern::simulator
