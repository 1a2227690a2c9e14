#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/base/backoff.h"
#include "common/llm/batch/api.h"
#include "common/llm/batch/link.h"
#include "common/llm/batch/store.h"
#include "common/llm/batches.h"

namespace quern::batch {

// Whoever waits for the reply to a call: resumes it elsewhere.
using Caller = std::function<void(llm::BatchReply reply)>;

// One batch, from its calls to their replies: sent by this process, or found in the store and followed. Its coroutine
// holds it. Thread-compatible; everything runs on the link's thread. Invariants:
// 1. Whatever was claimed for it is durable before the provider is asked to create it.
// 2. It is created only while this process holds it, and again only when the provider does not have it.
// 3. A caller gets its reply after the store knows that it was given.
class SentBatch : public std::enable_shared_from_this<SentBatch> {
 public:
  // `link` and `store` outlive it.
  SentBatch(Link* link, Store* store, std::shared_ptr<Api> api, std::string job, std::string token,
            absl::Duration poll_interval);

  // Once, one of the two. `lines` were claimed with its token.
  void Send(std::string lines);
  void Follow();

  void Wait(std::string call, Caller caller);
  // Keeps hold of it, and hands over replies that came. To be called a few times a second.
  void Tick(absl::Time now);
  // All who wait now get this.
  void Fail(const llm::Failure& failure);
  // The job wants none of it any more: so does the provider hear.
  void Cancel();

  // Nothing more comes of it, and nobody waits: others may follow its token anew.
  bool over() const { return phase_ == Phase::kOver; }
  // The provider turned it away for as long as others are worked off.
  bool turned_away() const { return turned_away_; }
  // Of those that wait for it here.
  size_t calls() const { return waiting_.size(); }
  // Its calls are not answered yet.
  bool under_way() const { return phase_ == Phase::kUnderWay; }
  // Since when its replies have been here and nobody has asked for any.
  absl::Time unused_since() const { return unused_since_; }

 private:
  enum class Phase { kUnderWay, kAnswered, kOver };

  boost::asio::awaitable<void> RunSend(std::string lines);
  boost::asio::awaitable<void> RunFollow();
  boost::asio::awaitable<void> RunCancel(std::string id);
  // The file's id; nullopt: it is over, or was stopped.
  boost::asio::awaitable<std::optional<std::string>> Upload(std::string lines);
  // True once what was claimed is durable and the batch still this process's.
  boost::asio::awaitable<bool> MayCreate();
  // Makes `id_`; false when it is over.
  boost::asio::awaitable<bool> Create(std::string file);
  // Looks for a batch of this token that may be under way to the provider or there already. "": it is not.
  boost::asio::awaitable<absl::StatusOr<std::string>> Recover();
  boost::asio::awaitable<void> StoreId();
  boost::asio::awaitable<void> WaitForEnd();
  boost::asio::awaitable<bool> DownloadReplies(std::string file);
  // Tells the log how far the provider is, when it is further than before.
  void TellProgress(const BatchStatus& status);
  // Waits before another try, as long as the provider asks to; false when there shall be none.
  boost::asio::awaitable<bool> PauseAfter(absl::Status trouble, std::string_view doing);

  // The coroutine has ended.
  void Leave();
  void TakeReplies(const BatchStatus& status);
  void TakeFailure(const BatchStatus& status);
  void Deliver();
  // It is no more: everybody who waits gets `reply`, or `failure`.
  void End(const llm::HttpReply& reply);
  void EndForAPerson(const absl::Status& status);

  Link* const link_;
  Store* const store_;
  const std::shared_ptr<Api> api_;
  const std::string job_;
  const std::string token_;
  const absl::Duration poll_interval_;
  Backoff backoff_;
  uint32_t failures_ = 0;
  uint64_t told_done_ = 0;
  Phase phase_ = Phase::kUnderWay;
  bool sending_ = false;
  // It was asked for, and whether the provider has it is not known.
  bool may_exist_ = false;
  bool cancelled_ = false;
  bool turned_away_ = false;
  absl::Time held_at_ = absl::InfinitePast();
  absl::Time unused_since_ = absl::InfiniteFuture();
  // The provider's; empty until it is known.
  std::string id_;
  absl::flat_hash_map<std::string, std::vector<Caller>> waiting_;
  absl::flat_hash_map<std::string, llm::HttpReply> replies_;
  // Of calls that the files don't have.
  llm::HttpReply missing_;
};

}  // namespace quern::batch
