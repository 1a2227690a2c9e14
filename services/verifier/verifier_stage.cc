#include "services/verifier/verifier_stage.h"

#include <utility>

#include "common/base/error.h"
#include "services/verifier/model_verifier_stage.h"
#include "services/verifier/verifier.h"

namespace quern::verifier {

VerifierStage::VerifierStage(Options options, std::shared_ptr<const ContaminationIndex> evaluation_sets)
    : options_(std::move(options)), evaluation_sets_(std::move(evaluation_sets)) {}

stage::Outcome VerifierStage::Decide(const stage::StageInput& input) const {
  if (!input.item.has_question_answer()) {
    return stage::Fault{stage::Fault::Of::kItem,
                        MakeError(absl::StatusCode::kInvalidArgument, "NO_PAIR",
                                  "the item has no question and answer; the generator sets them")};
  }
  v1::WorkItem item = input.item;
  v1::StageTrace* trace = item.add_trace();
  trace->set_stage(v1::STAGE_NAME_VERIFIER);
  trace->set_engine(v1::ENGINE_EXTRACTIVE);
  trace->set_version(std::string(kChecksVersion));
  Verdict verdict = Verify(*input.document, item.question_answer(), options_, evaluation_sets_.get());
  *item.mutable_question_answer() = std::move(verdict.pair);
  for (v1::Check& check : verdict.checks) *item.add_checks() = std::move(check);
  if (verdict.passed) {
    stage::Advance advance;
    advance.outputs.push_back(std::move(item));
    return advance;
  }
  stage::Reject reject;
  reject.rejection.set_stage(v1::STAGE_NAME_VERIFIER);
  reject.rejection.set_reason(verdict.reason);
  reject.rejection.set_message(verdict.message);
  reject.item = std::move(item);
  return reject;
}

boost::asio::awaitable<stage::Outcome> VerifierStage::Process(stage::StageInput input) {
  stage::Outcome outcome = Decide(input);
  co_return outcome;
}

absl::StatusOr<std::shared_ptr<stage::Stage>> MakeVerifierStage(const v1::JobSpec& spec, llm::Hub* models) {
  QUERN_ASSIGN_OR_RETURN(Options options, OptionsFromSpec(spec));
  std::shared_ptr<const ContaminationIndex> evaluation_sets;
  if (!options.decontamination.sets.empty() && !options.Skips(kDecontaminated)) {
    QUERN_ASSIGN_OR_RETURN(evaluation_sets, LoadContaminationIndex(options.decontamination));
  }
  if (options.model_judges) {
    return ModelVerifierStage::Make(spec, std::move(options), std::move(evaluation_sets), models);
  }
  return std::shared_ptr<stage::Stage>(std::make_shared<VerifierStage>(std::move(options), std::move(evaluation_sets)));
}

}  // namespace quern::verifier
