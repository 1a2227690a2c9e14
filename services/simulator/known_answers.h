#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/simulator/lru_map.h"

namespace quern::simulator {

// What a model says that does not know.
inline constexpr std::string_view kDoNotKnow = "I do not know";

// `text` in lower case, letters and digits alone with single spaces between: prompts may alter a text a little.
std::string Normalised(std::string_view text);

// What this model "learnt": the answers to the million questions that it asked last. Thread-safe.
class KnownAnswers {
 public:
  // `knows` is the share of the questions, 0 to 1, that it answers from memory.
  KnownAnswers(double knows, uint64_t seed);

  void Remember(std::string_view question, std::string_view answer);

  // The answer to a question that was remembered, else kDoNotKnow.
  std::string Find(std::string_view question);

  // The same, but only for the share `knows` of pairs of a question and a sample.
  std::string Recall(std::string_view question, uint64_t sample);

 private:
  const double knows_;
  const uint64_t seed_;
  absl::Mutex mutex_;
  LruMap<uint64_t, std::string> answers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::simulator
