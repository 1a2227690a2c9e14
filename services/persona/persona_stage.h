#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/llm/hub.h"
#include "common/stage/stage.h"
#include "services/persona/catalogue.h"
#include "services/persona/domain_classifier.h"

namespace quern::persona {

// What the stage does, after defaults.
struct PersonaOptions {
  // Personas per document, 1 to 8.
  size_t max_personas = 3;
  // 0 is 1.
  uint32_t questions_per_persona = 1;
  // Probability below which a document is of the domain Other, 0 to 1.
  double min_confidence = 0.3;
  // Index of the domain of every document; nullopt to classify.
  std::optional<size_t> domain;
  // Decides among personas that fit equally well.
  uint64_t seed = 0;
};

// Names a document's domain and turns its item into one item per persona, with rules alone. Rejects with NO_PERSONA a
// document without a word, or whose domain has no persona. Thread-safe.
class PersonaStage : public stage::Stage {
 public:
  // `classifier` is shared by the stages of all jobs and outlives them. `version` names the data for the trace.
  PersonaStage(PersonaOptions options, const DomainClassifier& classifier, Catalogue catalogue, std::string version);

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override;

  // What Process decides; never suspends, never faults.
  stage::Outcome Decide(const v1::Document& document, v1::WorkItem item) const;

 private:
  size_t DomainOf(const WordCounts& words) const;
  v1::StageTrace Trace() const;

  const PersonaOptions options_;
  const DomainClassifier& classifier_;
  const Catalogue catalogue_;
  const std::string version_;
};

// Makes the stage of a job, by its engine; the extractive one has Quern's own weights and catalogue. `models` may be
// null: then a stage that asks models can only be checked. The spec is resolved. INVALID_ARGUMENT, reason INVALID_SPEC,
// when it is out of range. The first call in a process reads the embedded data (some milliseconds). Thread-safe.
absl::StatusOr<std::shared_ptr<stage::Stage>> MakePersonaStage(const v1::JobSpec& spec, llm::Hub* models = nullptr);

}  // namespace quern::persona
