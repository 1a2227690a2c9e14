#include "services/persona/persona_service.h"

#include <utility>

#include "common/stage/stage_call.h"
#include "quern/v1/stages.grpc.pb.h"
#include "services/persona/persona_stage.h"

namespace quern::persona {
namespace {

// Translates between the RPC and the stage. Thread-safe.
class PersonaServiceImpl : public v1::PersonaService::CallbackService {
 public:
  explicit PersonaServiceImpl(const stage::StageServer& server) : server_(server) {}

  grpc::ServerUnaryReactor* AssignPersonas(grpc::CallbackServerContext* context,
                                           const v1::AssignPersonasRequest* request,
                                           v1::AssignPersonasResponse* response) override {
    const absl::Status valid = stage::Require(request->has_document(), "document");
    v1::WorkItem item;
    if (request->has_filter()) *item.mutable_filter() = request->filter();
    return stage::ServeStage(server_, context, request->spec(), request->document(), std::move(item), valid,
                             [response](stage::Outcome outcome) { Fill(std::move(outcome), response); });
  }

 private:
  static void Fill(stage::Outcome outcome, v1::AssignPersonasResponse* response) {
    if (auto* advance = std::get_if<stage::Advance>(&outcome)) {
      v1::PersonaAssignment* assignment = response->mutable_assignment();
      assignment->set_domain(advance->outputs.front().domain());
      for (v1::WorkItem& output : advance->outputs) *assignment->add_personas() = std::move(*output.mutable_persona());
      stage::TakeTrace(advance->outputs.front(), response->mutable_trace());
    } else {
      auto& reject = std::get<stage::Reject>(outcome);
      *response->mutable_rejection() = std::move(reject.rejection);
      stage::TakeTrace(reject.item, response->mutable_trace());
    }
  }

  const stage::StageServer server_;
};

}  // namespace

std::unique_ptr<service::Component> MakePersonaComponent(const stage::StageComponentOptions& options) {
  return std::make_unique<stage::StageComponent>(
      v1::STAGE_NAME_PERSONA, &MakePersonaStage,
      [](const stage::StageServer& server) { return std::make_unique<PersonaServiceImpl>(server); }, options);
}

}  // namespace quern::persona
