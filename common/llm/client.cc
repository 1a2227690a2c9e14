#include "common/llm/client.h"

#include <random>
#include <utility>

#include "common/base/error.h"
#include "common/llm/call.h"

namespace quern::llm {
namespace {

constexpr absl::Duration kFirstBackoff = absl::Milliseconds(500);
constexpr absl::Duration kLongestBackoff = absl::Seconds(60);

}  // namespace

Client::Client(Hub* hub, v1::Sampling sampling)
    : hub_(hub), sampling_(std::move(sampling)), backoff_(kFirstBackoff, kLongestBackoff, std::random_device()()) {}

absl::StatusOr<std::shared_ptr<Client>> Client::Make(Hub* hub, const v1::JobSpec& job, const v1::StageModel& stage) {
  auto client = std::shared_ptr<Client>(new Client(hub, stage.sampling()));
  for (const std::string& name : stage.models()) {
    for (const v1::ModelSpec& spec : job.models()) {
      if (spec.name() != name) continue;
      QUERN_ASSIGN_OR_RETURN(std::shared_ptr<Model> model, Model::Make(hub, spec));
      client->models_.push_back(std::move(model));
    }
  }
  if (client->models_.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC",
                     "models: the engine ENGINE_LLM needs a model to ask");
  }
  return client;
}

boost::asio::awaitable<Result> Client::Complete(const ChatRequest& request) {
  v1::Sampling sampling = sampling_;
  sampling.MergeFrom(request.sampling);
  Call call(this, request, std::move(sampling));
  co_return co_await call.Run();
}

}  // namespace quern::llm
