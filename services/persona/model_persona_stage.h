#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/llm/hub.h"
#include "common/stage/model_task.h"
#include "common/stage/stage.h"

namespace quern::persona {

// The persona stage with the engine LLM: one call names the domain, out of the job's taxonomy, and up to N personas as
// a list. Personas that say the same are one. Rejects with NO_PERSONA where the model names none. Thread-safe.
class ModelPersonaStage final : public stage::Stage {
 public:
  // `hub` may be null: see ModelTask. INVALID_ARGUMENT: taxonomy, prompt or key.
  static absl::StatusOr<std::shared_ptr<ModelPersonaStage>> Make(const v1::JobSpec& spec, llm::Hub* hub);

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override;
  std::vector<stage::ShownPrompt> Prompts(const stage::StageInput& input) const override;

 private:
  ModelPersonaStage(std::shared_ptr<const stage::ModelTask> task, std::vector<std::string> domains, size_t max_personas,
                    uint32_t questions_per_persona)
      : task_(std::move(task)),
        domains_(std::move(domains)),
        max_personas_(max_personas),
        questions_per_persona_(questions_per_persona) {}

  llm::PromptTemplate::Values Values() const;

  const std::shared_ptr<const stage::ModelTask> task_;
  const std::vector<std::string> domains_;
  const size_t max_personas_;
  // 0 is 1.
  const uint32_t questions_per_persona_;
};

}  // namespace quern::persona
