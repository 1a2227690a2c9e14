#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "common/llm/hub.h"
#include "common/stage/model_task.h"
#include "common/stage/stage.h"
#include "services/filter/thresholds.h"

namespace quern::filter {

// The filter stage with the engine LLM: the rules first, because they cost nothing, then a model's verdict on what they
// left. Rejects with NOT_INFORMATIVE, NOT_SELF_CONTAINED or NOT_DEEP and the model's reason. Thread-safe.
class ModelFilterStage final : public stage::Stage {
 public:
  // `hub` may be null: see ModelTask. INVALID_ARGUMENT: thresholds, prompt or key.
  static absl::StatusOr<std::shared_ptr<ModelFilterStage>> Make(const v1::JobSpec& spec, llm::Hub* hub);

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override;
  std::vector<stage::ShownPrompt> Prompts(const stage::StageInput& input) const override;

 private:
  ModelFilterStage(Thresholds thresholds, std::shared_ptr<const stage::ModelTask> task)
      : thresholds_(std::move(thresholds)), task_(std::move(task)) {}

  const Thresholds thresholds_;
  const std::shared_ptr<const stage::ModelTask> task_;
};

}  // namespace quern::filter
