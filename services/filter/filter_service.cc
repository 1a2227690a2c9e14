#include "services/filter/filter_service.h"

#include <utility>

#include "common/stage/stage_call.h"
#include "quern/v1/stages.grpc.pb.h"
#include "services/filter/filter_stage.h"

namespace quern::filter {
namespace {

// Translates between the RPC and the stage. Thread-safe.
class FilterServiceImpl : public v1::FilterService::CallbackService {
 public:
  explicit FilterServiceImpl(const stage::StageServer& server) : server_(server) {}

  grpc::ServerUnaryReactor* FilterDocument(grpc::CallbackServerContext* context,
                                           const v1::FilterDocumentRequest* request,
                                           v1::FilterDocumentResponse* response) override {
    const absl::Status valid = stage::Require(request->has_document(), "document");
    return stage::ServeStage(server_, context, request->spec(), request->document(), {}, valid,
                             [response](stage::Outcome outcome) { Fill(std::move(outcome), response); });
  }

 private:
  static void Fill(stage::Outcome outcome, v1::FilterDocumentResponse* response) {
    v1::WorkItem item;
    if (auto* advance = std::get_if<stage::Advance>(&outcome)) {
      item = std::move(advance->outputs.front());
      *response->mutable_kept() = item.filter();
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

std::unique_ptr<service::Component> MakeFilterComponent(const stage::StageComponentOptions& options) {
  return std::make_unique<stage::StageComponent>(
      v1::STAGE_NAME_FILTER, &MakeFilterStage,
      [](const stage::StageServer& server) { return std::make_unique<FilterServiceImpl>(server); }, options);
}

}  // namespace quern::filter
