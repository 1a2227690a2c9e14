#include "common/llm/client.h"

#include <algorithm>
#include <random>
#include <utility>

#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/llm/call.h"
#include "common/llm/reply_key.h"

namespace quern::llm {
namespace {

constexpr absl::Duration kFirstBackoff = absl::Milliseconds(500);
constexpr absl::Duration kLongestBackoff = absl::Seconds(60);

}  // namespace

Client::Client(Hub* hub, const v1::JobSpec& job, v1::Sampling sampling)
    : hub_(hub),
      replies_(job.has_reply_cache() && !job.reply_cache() ? nullptr : hub->replies()),
      sampling_(std::move(sampling)),
      backoff_(kFirstBackoff, kLongestBackoff, std::random_device()()) {}

absl::StatusOr<std::shared_ptr<Client>> Client::Make(Hub* hub, const v1::JobSpec& job, const v1::StageModel& stage) {
  auto client = std::shared_ptr<Client>(new Client(hub, job, stage.sampling()));
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
  Call call(this, request, SamplingOf(request));
  Result result = co_await call.Run();
  if (auto* completion = std::get_if<Completion>(&result)) completion->spent = call.spent();
  if (auto* failure = std::get_if<Failure>(&result)) failure->spent = call.spent();
  co_return result;
}

v1::Sampling Client::SamplingOf(const ChatRequest& request) const {
  v1::Sampling sampling = sampling_;
  sampling.MergeFrom(request.sampling);
  return sampling;
}

std::vector<Client::Question> Client::Questions(const ChatRequest& request) const {
  std::vector<Question> questions;
  if (replies_ == nullptr) return questions;
  const v1::Sampling sampling = SamplingOf(request);
  for (const auto& model : models_) {
    questions.push_back({ReplyKey(model->spec(), sampling, request), model.get()});
  }
  // Rendezvous hashing, as for replicas.
  const uint64_t seed = Hash64(request.affinity);
  std::sort(questions.begin(), questions.end(), [seed](const Question& a, const Question& b) {
    return Hash64(a.model->spec().name(), seed) < Hash64(b.model->spec().name(), seed);
  });
  return questions;
}

std::optional<CachedReply> Client::Cached(const Question& question) const { return replies_->Find(question.key); }

void Client::CountReuse(const ChatRequest& request, const Question& question, const CachedReply& reply) const {
  const std::string& model = question.model->spec().name();
  if (hub_->observer() != nullptr) {
    ReuseReport report;
    report.stage = request.stage;
    report.model = model;
    report.document = request.affinity;
    report.usage = reply.usage;
    report.cost = question.model->Cost(reply.usage);
    hub_->observer()->ObserveReuse(report);
  }
  if (hub_->ledger() == nullptr || request.job.empty()) return;
  v1::ModelUsage usage;
  usage.set_reused_replies(1);
  hub_->ledger()->Add(request.job, request.stage, model, usage);
}

void Client::Keep(const std::vector<Question>& questions, const Completion& completion) const {
  const auto at = std::find_if(questions.begin(), questions.end(), [&](const Question& question) {
    return question.model->spec().name() == completion.asked;
  });
  if (at == questions.end()) return;
  CachedReply reply;
  reply.text = completion.text;
  reply.finish_reason = completion.finish_reason;
  reply.model = at->model->spec().model();
  reply.usage = completion.usage;
  replies_->Store(at->key, reply);
}

}  // namespace quern::llm
