#include "services/verifier/verifier_service.h"

#include <utility>

#include "common/stage/stage_call.h"
#include "quern/v1/stages.grpc.pb.h"
#include "services/verifier/verifier_stage.h"

namespace quern::verifier {
namespace {

// Translates between the RPC and the stage. Thread-safe.
class VerifierServiceImpl : public v1::VerifierService::CallbackService {
 public:
  explicit VerifierServiceImpl(stage::Runner* runner) : runner_(runner) {}

  grpc::ServerUnaryReactor* VerifyQuestion(grpc::CallbackServerContext* context,
                                           const v1::VerifyQuestionRequest* request,
                                           v1::VerifyQuestionResponse* response) override {
    absl::Status valid = stage::Require(request->has_document(), "document");
    if (valid.ok()) valid = stage::Require(request->has_question_answer(), "question_answer");
    v1::WorkItem item;
    item.set_expanded(true);
    item.set_domain(request->domain());
    *item.mutable_question_answer() = request->question_answer();
    *item.mutable_persona() = request->persona();
    return stage::ServeStage(runner_, context, request->spec(), request->document(), std::move(item), valid,
                             [response](stage::Outcome outcome) { Fill(std::move(outcome), response); });
  }

 private:
  static void Fill(stage::Outcome outcome, v1::VerifyQuestionResponse* response) {
    if (auto* advance = std::get_if<stage::Advance>(&outcome)) {
      *response->mutable_verified() = advance->outputs.front().question_answer();
      *response->mutable_checks() = advance->outputs.front().checks();
      stage::TakeTrace(advance->outputs.front(), response->mutable_trace());
    } else {
      auto& reject = std::get<stage::Reject>(outcome);
      *response->mutable_rejection() = std::move(reject.rejection);
      *response->mutable_checks() = reject.item.checks();
      stage::TakeTrace(reject.item, response->mutable_trace());
    }
  }

  stage::Runner* const runner_;
};

}  // namespace

std::unique_ptr<service::Component> MakeVerifierComponent(const stage::StageComponentOptions& options) {
  return std::make_unique<stage::StageComponent>(
      v1::STAGE_NAME_VERIFIER, &MakeVerifierStage,
      [](stage::Runner* runner) { return std::make_unique<VerifierServiceImpl>(runner); }, options);
}

}  // namespace quern::verifier
