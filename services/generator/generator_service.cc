#include "services/generator/generator_service.h"

#include <utility>

#include "common/stage/stage_call.h"
#include "quern/v1/stages.grpc.pb.h"
#include "services/generator/generator_stage.h"

namespace quern::generator {
namespace {

// Translates between the RPC and the stage. Thread-safe.
class GeneratorServiceImpl : public v1::GeneratorService::CallbackService {
 public:
  explicit GeneratorServiceImpl(stage::Runner* runner) : runner_(runner) {}

  grpc::ServerUnaryReactor* GenerateQuestion(grpc::CallbackServerContext* context,
                                             const v1::GenerateQuestionRequest* request,
                                             v1::GenerateQuestionResponse* response) override {
    absl::Status valid = stage::Require(request->has_document(), "document");
    if (valid.ok()) valid = stage::Require(!request->domain().empty(), "domain");
    if (valid.ok()) valid = stage::Require(request->has_persona(), "persona");
    v1::WorkItem item;
    item.set_expanded(true);
    item.set_domain(request->domain());
    item.set_ordinal(request->ordinal());
    *item.mutable_persona() = request->persona();
    return stage::ServeStage(runner_, context, request->spec(), request->document(), std::move(item), valid,
                             [response](stage::Outcome outcome) { Fill(std::move(outcome), response); });
  }

 private:
  static void Fill(stage::Outcome outcome, v1::GenerateQuestionResponse* response) {
    if (auto* advance = std::get_if<stage::Advance>(&outcome)) {
      *response->mutable_question_answer() = advance->outputs.front().question_answer();
      stage::TakeTrace(advance->outputs.front(), response->mutable_trace());
    } else {
      auto& reject = std::get<stage::Reject>(outcome);
      *response->mutable_rejection() = std::move(reject.rejection);
      stage::TakeTrace(reject.item, response->mutable_trace());
    }
  }

  stage::Runner* const runner_;
};

}  // namespace

std::unique_ptr<service::Component> MakeGeneratorComponent(const stage::StageComponentOptions& options) {
  return std::make_unique<stage::StageComponent>(
      v1::STAGE_NAME_GENERATOR, &MakeGeneratorStage,
      [](stage::Runner* runner) { return std::make_unique<GeneratorServiceImpl>(runner); }, options);
}

}  // namespace quern::generator
