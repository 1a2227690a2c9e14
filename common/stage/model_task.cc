#include "common/stage/model_task.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/base/log.h"
#include "common/service/stage_metrics.h"

namespace quern::stage {
namespace {

Fault FaultOf(llm::Failure failure, v1::ModelReply reply) {
  Fault fault;
  switch (failure.whose) {
    case llm::Failure::Whose::kItem:
      fault.of = Fault::Of::kItem;
      break;
    case llm::Failure::Whose::kEnvironment:
      fault.of = Fault::Of::kEnvironment;
      break;
    case llm::Failure::Whose::kJob:
      fault.of = Fault::Of::kJob;
      break;
  }
  fault.status = std::move(failure.status);
  fault.final = failure.final;
  fault.reply = std::move(reply);
  return fault;
}

// Of other failures, which many calls have at once, there are warnings of their own.
void TellOfItemFault(const StageInput& input, const Fault& fault, const v1::StageTrace& trace) {
  if (fault.of != Fault::Of::kItem) return;
  LogDebug("a model was asked in vain", {{"stage", service::StageLabel(trace.stage())},
                                         {"task", fault.reply.task()},
                                         {"model", fault.reply.model()},
                                         {"reason", ErrorReason(fault.status)},
                                         {"job", input.job},
                                         {"document", input.document->id()},
                                         {"ordinal", input.item.ordinal()},
                                         {"trace_id", input.trace.trace_id}});
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ModelTask>> ModelTask::Make(llm::Hub* hub, const v1::JobSpec& job,
                                                                 const v1::StageModel& model, std::string_view path,
                                                                 ModelTaskOptions options) {
  const std::string_view text = model.prompt().empty() ? options.prompt : std::string_view(model.prompt());
  auto prompt = llm::PromptTemplate::Parse(text, options.variables, options.required);
  if (!prompt.ok()) return WithContext(prompt.status(), path);
  auto task = std::shared_ptr<ModelTask>(new ModelTask(hub, std::move(options), *std::move(prompt)));
  task->models_ = absl::StrJoin(model.models(), ",");
  const std::string identity =
      absl::StrCat(AbslView(text), "\n", task->options_.schema.json, "\n", task->options_.more_version);
  task->version_ = absl::StrCat(AbslView(task->options_.name), "/", ContentHash(identity).substr(0, 8));
  if (hub != nullptr) {
    QUERN_ASSIGN_OR_RETURN(task->client_, llm::Client::Make(hub, job, model));
  }
  return task;
}

ShownPrompt ModelTask::Show(const v1::Document& document, const llm::PromptTemplate::Values& values) const {
  const std::string frame = options_.shows_document ? llm::DocumentFrame(document).text : "";
  return {std::string(options_.name), version_, models_, frame + prompt_.Fill(values)};
}

boost::asio::awaitable<std::optional<Fault>> ModelTask::Ask(const StageInput& input,
                                                            const llm::PromptTemplate::Values& values, uint32_t sample,
                                                            llm::Accept accept, v1::StageTrace* trace,
                                                            v1::ModelReply* reply) const {
  if (client_ == nullptr) {
    Fault fault;
    fault.of = Fault::Of::kEnvironment;
    fault.status = MakeError(absl::StatusCode::kUnavailable, "NO_MODELS", "this process asks no models");
    co_return fault;
  }
  llm::ChatRequest request;
  if (options_.shows_document) request.frame = hub_->frames().Of(input.document);
  request.task = prompt_.Fill(values);
  request.schema = &options_.schema;
  request.sample = sample;
  request.attempt = uint64_t{input.item.generation()} << 32 | input.attempts;
  request.affinity = input.document->id();
  request.job = input.job;
  request.urgency = static_cast<uint32_t>(options_.stage);
  request.stage = service::StageLabel(options_.stage);
  request.trace = input.trace;
  llm::Asked asked = co_await llm::AskForObject(*client_, std::move(request), std::move(accept));
  trace->set_calls(trace->calls() + asked.calls);
  trace->set_reused_replies(trace->reused_replies() + asked.reused);
  trace->set_input_tokens(trace->input_tokens() + asked.usage.input);
  trace->set_cached_tokens(trace->cached_tokens() + asked.usage.cached);
  trace->set_output_tokens(trace->output_tokens() + asked.usage.output);
  trace->set_cost(trace->cost() + asked.cost);
  trace->set_tokens_estimated(trace->tokens_estimated() || asked.usage.estimated);
  // A trace names who was asked by the task whose version it tells; another task may ask others.
  if (!asked.reply.model().empty() && trace->version() == version_) trace->set_model(asked.reply.model());
  *reply = std::move(asked.reply);
  reply->set_task(std::string(options_.name));
  if (!asked.failure) co_return std::nullopt;
  Fault fault = FaultOf(*std::move(asked.failure), *reply);
  fault.trace = *trace;
  TellOfItemFault(input, fault, *trace);
  co_return fault;
}

v1::StageTrace ModelTask::Trace() const {
  v1::StageTrace trace;
  trace.set_stage(options_.stage);
  trace.set_engine(v1::ENGINE_LLM);
  trace.set_model(models_);
  trace.set_version(version_);
  return trace;
}

}  // namespace quern::stage
