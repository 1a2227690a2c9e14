#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "common/llm/hub.h"
#include "common/stage/stage.h"
#include "quern/v1/job.pb.h"
#include "services/filter/thresholds.h"

namespace quern::filter {

// The filter stage with the extractive engine: JudgeText on the item's document. A kept item carries the verdict.
// Thread-safe; never suspends and never faults.
class FilterStage final : public stage::Stage {
 public:
  explicit FilterStage(Thresholds thresholds) : thresholds_(std::move(thresholds)) {}

  boost::asio::awaitable<stage::Outcome> Process(stage::StageInput input) override;

 private:
  const Thresholds thresholds_;
};

// The stage for a job, by its engine; `models` may be null, then a stage that asks models can only be checked. The spec
// is resolved. INVALID_ARGUMENT with reason INVALID_SPEC where the spec's filter block is wrong (see ResolveThresholds
// and ModelTask).
absl::StatusOr<std::shared_ptr<stage::Stage>> MakeFilterStage(const v1::JobSpec& spec, llm::Hub* models = nullptr);

}  // namespace quern::filter
