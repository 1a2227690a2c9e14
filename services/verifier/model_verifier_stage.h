#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "common/llm/hub.h"
#include "common/stage/model_task.h"
#include "common/stage/stage.h"
#include "services/verifier/contamination_index.h"
#include "services/verifier/options.h"

namespace quern::verifier {

// The verifier stage with the engine LLM. What rules can tell runs first and costs nothing; then, in this order, as far
// as the job asks for them, models are asked: the verdict (by majority of votes), the open-book round trip, the
// closed-book rate. The first one that the pair does not pass rejects it; each leaves its check. Thread-safe.
class ModelVerifierStage final : public stage::Stage {
 public:
  // `hub` may be null: see ModelTask. INVALID_ARGUMENT: options, prompts or keys.
  static absl::StatusOr<std::shared_ptr<ModelVerifierStage>> Make(
      const v1::JobSpec& spec, Options options, std::shared_ptr<const ContaminationIndex> evaluation_sets,
      llm::Hub* hub);

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override;
  std::vector<stage::ShownPrompt> Prompts(const stage::StageInput& input) const override;

 private:
  // An item on its way through the checks.
  struct Work;
  // What a check leaves: nothing when the pair passes.
  using Verdict = std::optional<stage::Outcome>;

  explicit ModelVerifierStage(Options options) : options_(std::move(options)) {}

  Verdict CheckByRules(Work* work) const;
  boost::asio::awaitable<Verdict> CheckByVerdict(Work* work) const;
  boost::asio::awaitable<Verdict> CheckOpenBook(Work* work) const;
  boost::asio::awaitable<Verdict> CheckClosedBook(Work* work) const;

  const Options options_;
  std::shared_ptr<const ContaminationIndex> evaluation_sets_;
  uint32_t votes_ = 1;
  std::shared_ptr<const stage::ModelTask> verdict_;
  // Null: not asked for.
  std::shared_ptr<const stage::ModelTask> open_book_;
  std::shared_ptr<const stage::ModelTask> closed_book_;
  v1::ClosedBookSpec closed_;
};

}  // namespace quern::verifier
