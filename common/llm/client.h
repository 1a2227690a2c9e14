#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/backoff.h"
#include "common/llm/chat_request.h"
#include "common/llm/completion.h"
#include "common/llm/expected_usage.h"
#include "common/llm/hub.h"
#include "common/llm/model.h"
#include "common/llm/refusal_streak.h"
#include "quern/v1/job.pb.h"

namespace quern::llm {

// Asks the models of one stage of a job. The one layer that retries calls:
// - 429, 503, 529 and refused connections cost the item nothing: the call waits and is sent again, elsewhere where
//   another replica works, for up to ten minutes (a minute while no replica answers at all), then the environment is at
//   fault;
// - 5xx, resets, time-outs and bodies that are no completions are tried `max_retries` times more, then the item is at
// fault;
// - a reply that was cut is asked for once more with twice the tokens;
// - 401, 402, 403, 404, an empty account, a Retry-After beyond 120 s, and ten replies in a row that blame the request
//   (RefusalStreak) are for a person: the job is at fault.
// Thread-safe.
class Client {
 public:
  // `job` is resolved; `stage` is a block of it. INVALID_ARGUMENT, reason INVALID_SPEC: a model's key is not to be had.
  static absl::StatusOr<std::shared_ptr<Client>> Make(Hub* hub, const v1::JobSpec& job, const v1::StageModel& stage);

  // The stage's sampling is taken for what the request's leaves open. `request` outlives the call. Resumes on the
  // caller's executor.
  boost::asio::awaitable<Result> Complete(const ChatRequest& request);
  boost::asio::awaitable<Result> Complete(ChatRequest&& request) = delete;

  // A question as the hub's reply cache knows it, put to one of the stage's models.
  struct Question {
    std::string key;
    const Model* model;
  };
  // For each of the stage's models, in an order that follows from the document: those that share the documents keep
  // their shares. Empty where replies are not kept.
  std::vector<Question> Questions(const ChatRequest& request) const;
  // The cached reply, if there is one. It does not count yet.
  std::optional<CachedReply> Cached(const Question& question) const;
  // The cached reply is used: tells ledger and observer. Free of charge.
  void CountReuse(const ChatRequest& request, const Question& question, const CachedReply& reply) const;
  // Keeps a reply under the question that was put to the model which gave it.
  void Keep(const std::vector<Question>& questions, const Completion& completion) const;

 private:
  friend class Call;
  Client(Hub* hub, const v1::JobSpec& job, v1::Sampling sampling);
  v1::Sampling SamplingOf(const ChatRequest& request) const;

  Hub* const hub_;
  // Null: this job neither takes replies nor keeps them.
  ReplyCache* const replies_;
  const v1::Sampling sampling_;
  // Waits between tries: 0.5 s doubled up to a minute, full jitter.
  Backoff backoff_;
  RefusalStreak refusals_;
  ExpectedUsage expected_;
  std::vector<std::shared_ptr<Model>> models_;
};

}  // namespace quern::llm
