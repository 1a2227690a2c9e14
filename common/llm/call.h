#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/llm/client.h"
#include "common/llm/reply.h"

namespace quern::llm {

// One Client::Complete from its first try to its last. Lives in the coroutine that makes it.
class Call {
 public:
  // `request` outlives it; `sampling` takes the place of the request's.
  Call(Client* client, const ChatRequest& request, v1::Sampling sampling);

  boost::asio::awaitable<Result> Run();

  // By all tries so far.
  const Spent& spent() const { return spent_; }

 private:
  // A replica with the model it serves.
  struct Place {
    std::shared_ptr<Model> model;
    std::shared_ptr<Endpoint> endpoint;
  };

  // The document's place among those that work; when none does, the one that is tried soonest.
  Place Choose() const;
  // After a place could not be entered: how long to wait before the next choice; nullopt to give up.
  std::optional<absl::Duration> WaitForAPlace(const Failure& failure, const Place& place);
  // Whether the model's account has limits per minute.
  bool IsPaced(const Place& place) const;
  // Waits for them. False: the process stops.
  boost::asio::awaitable<bool> KeepPace(const Place& place);
  // Who keeps the job's spending; null where nobody does, and for a call that no job pays for.
  Ledger* ledger() const;
  // Reserves what the call may take of the job's budget, into `reserved_`. False: there is no room for it now.
  absl::StatusOr<bool> Reserve(const Place& place);
  // OK, or why the job may spend nothing more.
  absl::Status WithinBudget() const;
  void Release();
  // Whether the model there is asked in batches.
  bool AsksInBatches(const Place& place) const;
  // One try in a batch, without a place of the endpoint's: the result, or nothing, as Judge says. See call_batch.cc.
  boost::asio::awaitable<std::optional<Result>> TryInBatch(Place place);
  // What the reply means, in the light of those before it.
  Reading Read(const HttpReply& reply, const Place& place, absl::Time now) const;
  boost::asio::awaitable<HttpReply> Send(const Place& place, v1::StructuredOutput structured) const;
  // The result, or nothing: then the call is made again after `wait_`, and `retried_` says why.
  std::optional<Result> Judge(const Reading& reading, const Place& place, v1::StructuredOutput structured);
  std::optional<Result> JudgeTruncated(const Reading& reading);
  std::optional<Result> JudgeOverloaded(const Reading& reading);
  std::optional<Result> JudgeBroken(const Reading& reading, const Place& place);
  std::optional<Result> AgainWithin(absl::Duration patience, const Reading& reading);
  static Failure ForAPerson(const Reading& reading, const Place& place);
  // Keeps what the try took.
  void Note(const Reading& reading, const Place& place);
  // To the ledger: what the try took. What becomes of it follows with Report.
  void Pay(const Reading& reading, const Place& place) const;
  // To the observer, and to the ledger that the call is sent again.
  void Report(const HttpReply& reply, const Reading& reading, const Place& place);

  Client* const client_;
  const ChatRequest& request_;
  const v1::Sampling sampling_;
  // Of the first try that a server or the way to it turned away; later by what
  // batches took, for patience is for what comes between.
  absl::Time turned_away_ = absl::InfiniteFuture();
  uint32_t max_tokens_;
  // Of the job's budget, for the try under way; nothing where it has none.
  std::optional<v1::ModelUsage> reserved_;
  // What the try under way was taken from the account's limits for.
  uint64_t guessed_tokens_ = 0;
  // The model was asked before, and is now shown its reply: a retry, until it is reported.
  bool reasked_;
  bool lengthened_ = false;
  uint32_t overloads_ = 0;
  uint32_t breaks_ = 0;
  // Replies in batches that were paid and could not be used: what is asked after them is another call.
  uint32_t paid_in_vain_ = 0;
  Spent spent_;
  // The reply that was judged last stands in the job's account already.
  bool accounted_ = false;
  absl::Duration wait_ = absl::ZeroDuration();
  // Of the try that was judged last; empty when it is the call's last.
  std::string retried_;
};

}  // namespace quern::llm
