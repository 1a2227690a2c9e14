#include "services/generator/generator_service.h"

#include <utility>

#include "common/base/error.h"
#include "common/stage/stage_call.h"
#include "quern/v1/stages.grpc.pb.h"
#include "services/generator/generator_stage.h"

namespace quern::generator {
namespace {

absl::Status Check(const v1::GenerateQuestionRequest& request) {
  QUERN_RETURN_IF_ERROR(stage::Require(request.has_document(), "document"));
  QUERN_RETURN_IF_ERROR(stage::Require(!request.domain().empty(), "domain"));
  return stage::Require(!request.persona().description().empty(), "persona.description");
}

// Translates between the RPC and the stage. Thread-safe.
class GeneratorServiceImpl : public v1::GeneratorService::CallbackService {
 public:
  explicit GeneratorServiceImpl(const stage::StageServer& server) : server_(server) {}

  grpc::ServerUnaryReactor* GenerateQuestion(grpc::CallbackServerContext* context,
                                             const v1::GenerateQuestionRequest* request,
                                             v1::GenerateQuestionResponse* response) override {
    v1::WorkItem item;
    item.set_ordinal(request->ordinal());
    item.set_expanded(true);
    item.set_domain(request->domain());
    *item.mutable_persona() = request->persona();
    return stage::ServeStage(server_, context, request->spec(), request->document(), std::move(item), Check(*request),
                             [response](stage::Outcome outcome) { Fill(std::move(outcome), response); });
  }

 private:
  static void Fill(stage::Outcome outcome, v1::GenerateQuestionResponse* response) {
    v1::WorkItem item;
    if (auto* advance = std::get_if<stage::Advance>(&outcome)) {
      item = std::move(advance->outputs.front());
      *response->mutable_question_answer() = item.question_answer();
    } else {
      auto& reject = std::get<stage::Reject>(outcome);
      item = std::move(reject.item);
      *response->mutable_rejection() = std::move(reject.rejection);
    }
    stage::TakeTrace(item, response->mutable_trace());
  }

  const stage::StageServer server_;
};

}  // namespace

std::unique_ptr<service::Component> MakeGeneratorComponent(const stage::StageComponentOptions& options) {
  return std::make_unique<stage::StageComponent>(
      v1::STAGE_NAME_GENERATOR, &MakeGeneratorStage,
      [](const stage::StageServer& server) { return std::make_unique<GeneratorServiceImpl>(server); }, options);
}

}  // namespace quern::generator
