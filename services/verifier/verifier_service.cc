#include "services/verifier/verifier_service.h"

#include <utility>

#include "common/base/error.h"
#include "common/stage/stage_call.h"
#include "quern/v1/stages.grpc.pb.h"
#include "services/verifier/verifier_stage.h"

namespace quern::verifier {
namespace {

absl::Status Check(const v1::VerifyQuestionRequest& request) {
  QUERN_RETURN_IF_ERROR(stage::Require(request.has_document(), "document"));
  QUERN_RETURN_IF_ERROR(stage::Require(!request.question_answer().question().empty(), "question_answer.question"));
  return stage::Require(!request.question_answer().answer().empty(), "question_answer.answer");
}

// Translates between the RPC and the stage. Thread-safe.
class VerifierServiceImpl : public v1::VerifierService::CallbackService {
 public:
  explicit VerifierServiceImpl(const stage::StageServer& server) : server_(server) {}

  grpc::ServerUnaryReactor* VerifyQuestion(grpc::CallbackServerContext* context,
                                           const v1::VerifyQuestionRequest* request,
                                           v1::VerifyQuestionResponse* response) override {
    v1::WorkItem item;
    item.set_expanded(true);
    item.set_domain(request->domain());
    if (request->has_persona()) *item.mutable_persona() = request->persona();
    *item.mutable_question_answer() = request->question_answer();
    return stage::ServeStage(server_, context, request->spec(), request->document(), std::move(item), Check(*request),
                             [response](stage::Outcome outcome) { Fill(std::move(outcome), response); });
  }

 private:
  static void Fill(stage::Outcome outcome, v1::VerifyQuestionResponse* response) {
    v1::WorkItem item;
    if (auto* advance = std::get_if<stage::Advance>(&outcome)) {
      item = std::move(advance->outputs.front());
      *response->mutable_verified() = item.question_answer();
    } else {
      auto& reject = std::get<stage::Reject>(outcome);
      item = std::move(reject.item);
      *response->mutable_rejection() = std::move(reject.rejection);
    }
    *response->mutable_checks() = item.checks();
    stage::TakeTrace(item, response->mutable_trace());
  }

  const stage::StageServer server_;
};

}  // namespace

std::unique_ptr<service::Component> MakeVerifierComponent(const stage::StageComponentOptions& options) {
  return std::make_unique<stage::StageComponent>(
      v1::STAGE_NAME_VERIFIER, &MakeVerifierStage,
      [](const stage::StageServer& server) { return std::make_unique<VerifierServiceImpl>(server); }, options);
}

}  // namespace quern::verifier
