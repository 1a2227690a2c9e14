#include "services/filter/model_filter_stage.h"

#include <utility>
#include <variant>

#include "common/base/error.h"
#include "services/filter/filter_prompts.h"
#include "services/filter/heuristics.h"

namespace quern::filter {
namespace {

constexpr std::string_view kSchema = R"({"type":"object","properties":{"reason":{"type":"string"},
"informative":{"type":"boolean"},"self_contained":{"type":"boolean"},"deep":{"type":"boolean"}},
"required":["reason","informative","self_contained","deep"],"additionalProperties":false})";

struct FilterReply {
  std::string reason;
  bool informative = false;
  bool self_contained = false;
  bool deep = false;
};

absl::Status Read(const simdjson::dom::object& object, FilterReply* reply) {
  QUERN_ASSIGN_OR_RETURN(reply->informative, llm::BoolOf(object, "informative"));
  QUERN_ASSIGN_OR_RETURN(reply->self_contained, llm::BoolOf(object, "self_contained"));
  QUERN_ASSIGN_OR_RETURN(reply->deep, llm::BoolOf(object, "deep"));
  QUERN_ASSIGN_OR_RETURN(reply->reason, llm::StringOf(object, "reason"));
  return absl::OkStatus();
}

// The reason's name and a sentence; "" when the document stays.
std::pair<std::string_view, std::string_view> Objection(const FilterReply& reply) {
  if (!reply.informative) return {"NOT_INFORMATIVE", "the model finds nothing worth knowing in it"};
  if (!reply.self_contained) return {"NOT_SELF_CONTAINED", "the model finds that it needs other texts"};
  if (!reply.deep) return {"NOT_DEEP", "the model finds too little to ask about"};
  return {};
}

}  // namespace

absl::StatusOr<std::shared_ptr<ModelFilterStage>> ModelFilterStage::Make(const v1::JobSpec& spec, llm::Hub* hub) {
  QUERN_ASSIGN_OR_RETURN(Thresholds thresholds, ResolveThresholds(spec.filter()));
  stage::ModelTaskOptions options;
  options.name = "filter";
  options.stage = v1::STAGE_NAME_FILTER;
  options.schema = {"quern_filter", std::string(kSchema)};
  options.prompt = prompts::kFilter;
  QUERN_ASSIGN_OR_RETURN(auto task, stage::ModelTask::Make(hub, spec, spec.filter().llm(), "filter.llm", options));
  return std::shared_ptr<ModelFilterStage>(new ModelFilterStage(std::move(thresholds), std::move(task)));
}

std::vector<stage::ShownPrompt> ModelFilterStage::Prompts(const stage::StageInput& input) const {
  return {task_->Show(*input.document, {})};
}

boost::asio::awaitable<stage::Outcome> ModelFilterStage::Process(stage::StageInput input) {
  v1::StageTrace trace = task_->Trace();
  auto judgement = JudgeText(input.document->text(), thresholds_);
  if (auto* rejection = std::get_if<v1::Rejection>(&judgement)) {
    *input.item.add_trace() = std::move(trace);
    co_return stage::Reject{std::move(*rejection), std::move(input.item)};
  }
  *input.item.mutable_filter() = std::get<v1::FilterVerdict>(std::move(judgement));

  FilterReply reply;
  v1::ModelReply raw;
  auto accept = [&reply](const simdjson::dom::object& object) { return Read(object, &reply); };
  auto fault = co_await task_->Ask(input, {}, 0, accept, &trace, &raw);
  if (fault) co_return *std::move(fault);
  *input.item.add_trace() = std::move(trace);
  const auto [reason, message] = Objection(reply);
  if (!reason.empty()) {
    v1::Rejection rejection;
    rejection.set_stage(v1::STAGE_NAME_FILTER);
    rejection.set_reason(std::string(reason));
    rejection.set_message(std::string(message));
    *rejection.mutable_reply() = std::move(raw);
    co_return stage::Reject{std::move(rejection), std::move(input.item)};
  }
  stage::Advance advance;
  advance.outputs.push_back(std::move(input.item));
  co_return advance;
}

}  // namespace quern::filter
