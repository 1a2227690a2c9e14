#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/llm/hub.h"
#include "common/stage/stage.h"
#include "services/generator/candidate_cache.h"
#include "services/generator/options.h"

namespace quern::generator {

// Asks one question about a document: item i of a document takes its i-th best fact, so that its personas get different
// ones. Rejects with NO_FACT where the document has no i-th fact. Thread-safe.
class GeneratorStage : public stage::Stage {
 public:
  explicit GeneratorStage(Options options);

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override;

  // The same without suspension.
  stage::Outcome Decide(const stage::StageInput& input);

 private:
  CandidateCache::Value CandidatesOf(const v1::Document& document);

  const Options options_;
  CandidateCache cache_;
};

// Makes the stage for a job, by its engine; `models` may be null, then a stage that asks models can only be checked.
// The spec is resolved. Errors: see OptionsFromSpec and ModelGeneratorStage.
absl::StatusOr<std::shared_ptr<stage::Stage>> MakeGeneratorStage(const v1::JobSpec& spec, llm::Hub* models = nullptr);

}  // namespace quern::generator
