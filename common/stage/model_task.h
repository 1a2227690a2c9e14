#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/llm/asking.h"
#include "common/llm/hub.h"
#include "common/llm/prompt.h"
#include "common/stage/stage.h"

namespace quern::stage {

// What a stage asks models, as its code says it.
struct ModelTaskOptions {
  // For dead letters and `quern prompts`, for example "verdict".
  std::string_view name;
  v1::StageName stage = v1::STAGE_NAME_UNSPECIFIED;
  llm::ReplySchema schema;
  // Quern's own task, which the spec's prompt replaces.
  std::string_view prompt;
  // The task's variables, and those that it must use.
  std::vector<std::string_view> variables;
  std::vector<std::string_view> required;
  // False: the model does not see the document (closed book).
  bool shows_document = true;
  // Goes into the version besides prompt and schema, for example the examples that are shown.
  std::string more_version;
};

// One thing that a stage asks a model about a document: prompt, schema, sampling, and how its failures become the
// stage's faults. Thread-safe.
class ModelTask {
 public:
  // `model` is a resolved block of `job`. A null hub checks the spec and makes a task that can only show its prompt.
  // INVALID_ARGUMENT, reason INVALID_SPEC, led by `path`: the prompt is wrong, or a model's key is not to be had.
  static absl::StatusOr<std::shared_ptr<const ModelTask>> Make(llm::Hub* hub, const v1::JobSpec& job,
                                                               const v1::StageModel& model, std::string_view path,
                                                               ModelTaskOptions options);

  // Asks; `accept` has taken the reply's object when there is no fault. `sample` counts repetitions of one prompt from
  // 0. Adds tokens, calls and cost to `trace`, and leaves the last reply in `reply`.
  boost::asio::awaitable<std::optional<Fault>> Ask(const StageInput& input, const llm::PromptTemplate::Values& values,
                                                   uint32_t sample, llm::Accept accept, v1::StageTrace* trace,
                                                   v1::ModelReply* reply) const;

  // The same for people.
  ShownPrompt Show(const v1::Document& document, const llm::PromptTemplate::Values& values) const;

  // A trace without tokens.
  v1::StageTrace Trace() const;
  std::string_view name() const { return options_.name; }

 private:
  ModelTask(llm::Hub* hub, ModelTaskOptions options, llm::PromptTemplate prompt)
      : hub_(hub), options_(options), prompt_(std::move(prompt)) {}

  // Null: asks nobody.
  llm::Hub* const hub_;
  const ModelTaskOptions options_;
  const llm::PromptTemplate prompt_;
  std::shared_ptr<llm::Client> client_;
  // Names of the models, for the trace.
  std::string models_;
  // Hash of prompt and schema.
  std::string version_;
};

}  // namespace quern::stage
