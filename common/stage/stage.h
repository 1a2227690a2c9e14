#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/trace_context.h"
#include "quern/v1/document.pb.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/work.pb.h"

namespace quern::stage {

// What a stage works on: an item with the document it names. The document is shared because up to eight items of one
// document are under way at once. Has a constructor because g++ 12 destroys aggregate temporaries twice in co_await.
struct StageInput {
  StageInput(std::shared_ptr<const v1::Document> document_in, v1::WorkItem item_in, std::string job_in = "")
      : document(std::move(document_in)), item(std::move(item_in)), job(std::move(job_in)) {}

  std::shared_ptr<const v1::Document> document;
  v1::WorkItem item;
  // Who pays for calls to models: a job id, or "" for an RPC, which no job pays for.
  std::string job;
  // Handled errors of the item so far.
  uint32_t attempts = 0;
  // Under which models are asked.
  TraceContext trace;
};

// The item goes on: one output, or one per persona where the persona stage fans out (never empty).
struct Advance {
  std::vector<v1::WorkItem> outputs;
};

// The content was turned away. `item` is the input with what the stage found out about it (domain, pair, checks).
struct Reject {
  v1::Rejection rejection;
  v1::WorkItem item;
};

// The stage could not decide.
struct Fault {
  enum class Of {
    // This item cannot be processed (a model's reply is malformed, say): tried again, then a dead letter.
    kItem,
    // Nothing can be processed now (endpoint down): costs the item nothing, the worker waits.
    kEnvironment,
    // Nothing of this job can be processed until a person acts (no money left, a key refused): costs the item nothing,
    // the job is paused with the status' message as its reason.
    kJob,
  };
  Of of;
  // Carries a reason (see MakeError).
  absl::Status status;
  // Of kItem: another try would end the same way, so there is none.
  bool final = false;
  // What a model wrote that could not be used, for the dead letter.
  v1::ModelReply reply = {};
  // What the attempt used until then. The runner adds its times.
  v1::StageTrace trace = {};
};

using Outcome = std::variant<Advance, Reject, Fault>;

// Calls `change` with the trace that `stage` appended to an item last, where it did.
template <class Change>
void WithTraceOf(v1::StageName stage, v1::WorkItem* item, const Change& change) {
  const int traces = item->trace_size();
  if (traces > 0 && item->trace(traces - 1).stage() == stage) change(item->mutable_trace(traces - 1));
}

// What a stage would send to a model.
struct ShownPrompt {
  // "filter", "personas", "question", "verdict", …
  std::string task;
  // Changes with the prompt and with the reply's schema.
  std::string version;
  // Names of the models that may be asked.
  std::string models;
  // The user's message.
  std::string text;
};

// One step of the pipeline, configured for one job. The RPC handler and the queue's worker call the same Process.
// Thread-safe: Process runs concurrently on several threads and shares only immutable state.
class Stage {
 public:
  virtual ~Stage() = default;

  // Decides about one item. Completes on the executor it was started on; suspends while a model is asked. Appends its
  // StageTrace to the outputs and to a rejected item. Repeating it is safe and, with the extractive engine, gives the
  // same outcome.
  virtual boost::asio::awaitable<Outcome> Process(StageInput input) = 0;

  // What Process would send to models for this input, in order; nothing where none is asked. Asks nobody.
  virtual std::vector<ShownPrompt> Prompts(const StageInput& input) const {
    static_cast<void>(input);
    return {};
  }
};

// Makes the stage for a job: fails with INVALID_ARGUMENT when the spec asks for what the stage does not have. Called
// once per job and process. Thread-safe.
using StageFactory = std::function<absl::StatusOr<std::shared_ptr<Stage>>(const v1::JobSpec&)>;

}  // namespace quern::stage
