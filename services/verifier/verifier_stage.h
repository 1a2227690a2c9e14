#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/llm/hub.h"
#include "common/stage/stage.h"
#include "services/verifier/contamination_index.h"
#include "services/verifier/options.h"

namespace quern::verifier {

// Checks an item's pair against its document; passes it on with its checks, type and spans filled in, or rejects it
// with the failed check's reason. An item without a pair is a fault of the item (reason NO_PAIR). Thread-safe.
class VerifierStage : public stage::Stage {
 public:
  // `evaluation_sets` may be null: no question is compared.
  explicit VerifierStage(Options options, std::shared_ptr<const ContaminationIndex> evaluation_sets = nullptr);

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override;

  // The same without suspension.
  stage::Outcome Decide(const stage::StageInput& input) const;

 private:
  const Options options_;
  const std::shared_ptr<const ContaminationIndex> evaluation_sets_;
};

// Makes the stage for a job, by its engine, and reads the job's evaluation sets unless their check is skipped. `models`
// may be null: then a stage that asks models can only be checked. The spec is resolved. Errors: see OptionsFromSpec,
// LoadContaminationIndex and ModelVerifierStage. Blocking where there are sets.
absl::StatusOr<std::shared_ptr<stage::Stage>> MakeVerifierStage(const v1::JobSpec& spec, llm::Hub* models = nullptr);

}  // namespace quern::verifier
