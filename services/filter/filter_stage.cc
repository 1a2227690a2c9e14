#include "services/filter/filter_stage.h"

#include <utility>
#include <variant>

#include "common/base/error.h"
#include "services/filter/heuristics.h"
#include "services/filter/model_filter_stage.h"

namespace quern::filter {
namespace {

void AppendTrace(v1::WorkItem& item) {
  v1::StageTrace* trace = item.add_trace();
  trace->set_stage(v1::STAGE_NAME_FILTER);
  trace->set_engine(v1::ENGINE_EXTRACTIVE);
  trace->set_version(std::string(kRulesVersion));
}

}  // namespace

boost::asio::awaitable<stage::Outcome> FilterStage::Process(stage::StageInput input) {
  auto judgement = JudgeText(input.document->text(), thresholds_);
  AppendTrace(input.item);
  if (auto* rejection = std::get_if<v1::Rejection>(&judgement)) {
    co_return stage::Reject{std::move(*rejection), std::move(input.item)};
  }
  *input.item.mutable_filter() = std::get<v1::FilterVerdict>(std::move(judgement));
  stage::Advance advance;
  advance.outputs.push_back(std::move(input.item));
  co_return advance;
}

absl::StatusOr<std::shared_ptr<stage::Stage>> MakeFilterStage(const v1::JobSpec& spec, llm::Hub* models) {
  if (spec.filter().engine() == v1::ENGINE_LLM) return ModelFilterStage::Make(spec, models);
  QUERN_ASSIGN_OR_RETURN(Thresholds thresholds, ResolveThresholds(spec.filter()));
  return std::make_shared<FilterStage>(std::move(thresholds));
}

}  // namespace quern::filter
