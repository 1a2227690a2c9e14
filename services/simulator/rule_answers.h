#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "quern/v1/document.pb.h"
#include "services/generator/candidate.h"
#include "services/persona/persona_stage.h"
#include "services/simulator/answers.h"
#include "services/simulator/known_answers.h"
#include "services/simulator/lru_map.h"
#include "services/verifier/options.h"

namespace quern::simulator {

// Sensible answers: those that the extractive stages give. Thread-safe.
class RuleAnswers final : public Answers {
 public:
  // `known` outlives it.
  explicit RuleAnswers(KnownAnswers& known);

  nlohmann::ordered_json Make(const Prompt& prompt, uint64_t sample) override;

 private:
  // What the rules read out of a document.
  struct Reading {
    v1::Document document;
    std::string domain;
    std::vector<std::string> personas;
    std::vector<generator::Candidate> candidates;
  };
  using ReadingPtr = std::shared_ptr<const Reading>;

  ReadingPtr ReadingOf(const Prompt& prompt);
  ReadingPtr Read(const Prompt& prompt) const;

  nlohmann::ordered_json Filter(const Prompt& prompt);
  nlohmann::ordered_json Personas(const Prompt& prompt);
  nlohmann::ordered_json Question(const Prompt& prompt);
  nlohmann::ordered_json Verdict(const Prompt& prompt);
  nlohmann::ordered_json Answer(const Prompt& prompt, uint64_t sample);

  KnownAnswers& known_;
  const persona::PersonaStage personas_;
  const verifier::Options checks_;
  absl::Mutex mutex_;
  // By mark and text. A document is asked about eight times or so, soon after each other.
  LruMap<uint64_t, ReadingPtr> readings_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::simulator
