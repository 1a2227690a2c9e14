#include "services/filter/filter_stage.h"

#include <utility>
#include <variant>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "services/filter/heuristics.h"

namespace quern::filter {
namespace {

void AppendTrace(v1::WorkItem& item) {
  v1::StageTrace* trace = item.add_trace();
  trace->set_stage(v1::STAGE_NAME_FILTER);
  trace->set_engine(v1::ENGINE_EXTRACTIVE);
  trace->set_version(std::string(kRulesVersion));
}

absl::Status CheckEngine(const v1::JobSpec& spec) {
  const v1::Engine own = spec.filter().engine();
  const v1::Engine engine = own == v1::ENGINE_UNSPECIFIED ? spec.engine() : own;
  if (engine == v1::ENGINE_UNSPECIFIED || engine == v1::ENGINE_EXTRACTIVE) return absl::OkStatus();
  const std::string_view path = own == v1::ENGINE_UNSPECIFIED ? "engine" : "filter.engine";
  if (engine == v1::ENGINE_LLM) {
    return MakeError(
        absl::StatusCode::kUnimplemented, "ENGINE_NOT_BUILT",
        absl::StrFormat("%s asks for a model, but this release's filter has no model engine; it comes in a "
                        "later release. Use ENGINE_EXTRACTIVE",
                        path));
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                   absl::StrFormat("%s is %d, which is no engine", path, engine));
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

absl::StatusOr<std::shared_ptr<stage::Stage>> MakeFilterStage(const v1::JobSpec& spec) {
  QUERN_RETURN_IF_ERROR(CheckEngine(spec));
  QUERN_ASSIGN_OR_RETURN(Thresholds thresholds, ResolveThresholds(spec.filter()));
  return std::make_shared<FilterStage>(std::move(thresholds));
}

}  // namespace quern::filter
