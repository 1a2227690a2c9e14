#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "common/llm/hub.h"
#include "common/stage/model_task.h"
#include "common/stage/stage.h"
#include "services/generator/fewshots.h"

namespace quern::generator {

// The generator stage with the engine LLM: one call for each persona, with worked examples of the document's domain,
// the same ones for all its personas. Rejects with NO_QUESTION where the model finds nothing to ask, and with
// BOOLEAN_ANSWER where it answers yes or no against the job's share. Thread-safe.
class ModelGeneratorStage final : public stage::Stage {
 public:
  // `hub` may be null: see ModelTask. INVALID_ARGUMENT: examples, prompt or key.
  static absl::StatusOr<std::shared_ptr<ModelGeneratorStage>> Make(const v1::JobSpec& spec, llm::Hub* hub);

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override;
  std::vector<stage::ShownPrompt> Prompts(const stage::StageInput& input) const override;

 private:
  struct Settings {
    size_t max_answer_words = 8;
    size_t fewshots = 2;
    double max_boolean_share = 1;
    uint32_t questions_per_persona = 1;
    uint64_t seed = 0;
  };

  ModelGeneratorStage(Settings settings, Fewshots fewshots, std::shared_ptr<const stage::ModelTask> task)
      : settings_(settings), fewshots_(std::move(fewshots)), task_(std::move(task)) {}

  bool MayBeBoolean(const v1::WorkItem& item) const;
  // Which of its persona's questions an item is, from 0.
  uint32_t QuestionOfPersona(const v1::WorkItem& item) const;
  // What is said of it where there are several.
  std::string WhichQuestion(const v1::WorkItem& item) const;
  llm::PromptTemplate::Values ValuesFor(const v1::WorkItem& item) const;

  const Settings settings_;
  const Fewshots fewshots_;
  const std::shared_ptr<const stage::ModelTask> task_;
};

}  // namespace quern::generator
