#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/stage/stage.h"
#include "services/verifier/options.h"

namespace quern::verifier {

// Checks an item's pair against its document; passes it on with its checks, type and spans filled in, or rejects it
// with the failed check's reason. An item without a pair is a fault of the item (reason NO_PAIR). Thread-safe.
class VerifierStage : public stage::Stage {
 public:
  explicit VerifierStage(Options options);

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override;

  // The same without suspension.
  stage::Outcome Decide(const stage::StageInput& input) const;

 private:
  const Options options_;
};

// Makes the stage for a job; see OptionsFromSpec for the errors.
absl::StatusOr<std::shared_ptr<stage::Stage>> MakeVerifierStage(const v1::JobSpec& spec);

}  // namespace quern::verifier
