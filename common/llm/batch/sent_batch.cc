#include "common/llm/batch/sent_batch.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/log.h"
#include "common/llm/batch/reply_file.h"
#include "common/llm/endpoint.h"

namespace quern::batch {
namespace {

constexpr absl::Duration kFirstBackoff = absl::Seconds(1);
constexpr absl::Duration kLongestBackoff = absl::Seconds(60);
constexpr absl::Duration kRenewHold = absl::Seconds(10);
constexpr absl::Duration kDurableYet = absl::Milliseconds(100);
// A request to create a batch that was cut off has shown its effect after this time, or has none.
constexpr absl::Duration kCreationSettles = absl::Seconds(10);
constexpr absl::Duration kLookEvery = absl::Seconds(1);
// Whom another process sends for is asked about this often.
constexpr absl::Duration kAskForOthers = absl::Seconds(1);

bool IsSuccess(const llm::HttpReply& reply) {
  return reply.outcome == llm::HttpReply::Outcome::kAnswered && reply.status >= 200 && reply.status < 300;
}

// Of a call that the provider did not get to: free, and asked again.
llm::HttpReply NotWorkedOff(std::string_view why) { return ErrorReply(503, "batch_expired", why); }

// Of a call that may have been paid.
llm::HttpReply LostReply(std::string error) {
  llm::HttpReply reply;
  reply.outcome = llm::HttpReply::Outcome::kLost;
  reply.error = std::move(error);
  return reply;
}

}  // namespace

SentBatch::SentBatch(Link* link, Store* store, std::shared_ptr<Api> api, std::string job, std::string token,
                     absl::Duration poll_interval)
    : link_(link),
      store_(store),
      api_(std::move(api)),
      job_(std::move(job)),
      token_(std::move(token)),
      poll_interval_(poll_interval),
      backoff_(kFirstBackoff, kLongestBackoff, std::random_device()()) {}

void SentBatch::Send(std::string lines) {
  sending_ = true;
  held_at_ = absl::Now();
  // The coroutine holds its batch.
  auto run = [self = shared_from_this(), lines = std::move(lines)]() mutable -> boost::asio::awaitable<void> {
    co_await self->RunSend(std::move(lines));
    self->Leave();
  };
  boost::asio::co_spawn(link_->executor(), std::move(run), boost::asio::detached);
}

void SentBatch::Follow() {
  auto run = [self = shared_from_this()]() -> boost::asio::awaitable<void> {
    co_await self->RunFollow();
    self->Leave();
  };
  boost::asio::co_spawn(link_->executor(), std::move(run), boost::asio::detached);
}

void SentBatch::Wait(std::string call, Caller caller) {
  waiting_[std::move(call)].push_back(std::move(caller));
  if (phase_ == Phase::kAnswered) unused_since_ = absl::InfiniteFuture();
}

void SentBatch::Tick(absl::Time now) {
  if (sending_ && now - held_at_ >= kRenewHold) {
    // What it says is asked again before it matters.
    if (store_->Hold(job_, token_).ok()) held_at_ = now;
  }
  if (phase_ == Phase::kAnswered) Deliver();
}

void SentBatch::Fail(const llm::Failure& failure) {
  llm::BatchReply reply;
  reply.failure = failure;
  auto waiting = std::exchange(waiting_, {});
  for (const auto& [call, callers] : waiting) {
    for (const Caller& caller : callers) caller(reply);
  }
}

void SentBatch::Leave() {
  if (phase_ != Phase::kUnderWay) return;
  // Stopped or cancelled.
  phase_ = Phase::kOver;
  Fail(llm::Draining());
}

void SentBatch::Cancel() {
  if (std::exchange(cancelled_, true)) return;
  if (id_.empty() || phase_ != Phase::kUnderWay) return;
  auto run = [self = shared_from_this()]() -> boost::asio::awaitable<void> { co_await self->RunCancel(self->id_); };
  boost::asio::co_spawn(link_->executor(), std::move(run), boost::asio::detached);
}

boost::asio::awaitable<void> SentBatch::RunCancel(std::string id) {
  absl::Status cancelled = co_await api_->Cancel(id);
  while (absl::IsUnavailable(cancelled)) {
    const bool again = co_await link_->sleeper().Sleep(backoff_.Next(failures_++));
    if (!again) break;
    cancelled = co_await api_->Cancel(id);
  }
  if (!cancelled.ok())
    LogWarning("a batch of a cancelled job was not cancelled", {{"batch", id}, {"error", cancelled}});
}

boost::asio::awaitable<bool> SentBatch::PauseAfter(absl::Status trouble, std::string_view doing) {
  if (link_->stopped() || cancelled_) co_return false;
  LogWarning("a batch waits for its provider or for Redis", {{"batch", token_}, {"doing", doing}, {"error", trouble}});
  const absl::Duration asked = RetryAfterOf(trouble);
  const bool go_on = co_await link_->sleeper().Sleep(asked + backoff_.Next(failures_++));
  co_return go_on && !cancelled_;
}

void SentBatch::TellProgress(const BatchStatus& status) {
  if (status.done <= told_done_) return;
  told_done_ = status.done;
  LogInfo("a batch is worked off", {{"batch", id_}, {"done", status.done}, {"of", status.total}});
}

boost::asio::awaitable<void> SentBatch::RunSend(std::string lines) {
  std::optional<std::string> file = co_await Upload(std::move(lines));
  bool created = false;
  if (file) {
    const bool may_create = co_await MayCreate();
    if (may_create) {
      ++link_->creating;
      created = co_await Create(*std::move(file));
      --link_->creating;
    } else if (!link_->stopped() && !cancelled_ && phase_ == Phase::kUnderWay) {
      // Somebody who took this process for dead has it now.
      sending_ = false;
      co_await RunFollow();
      co_return;
    }
  }
  sending_ = false;
  if (!created) {
    // Stopped or cancelled. Where nothing was created its calls are free for whoever asks them next; else the next one
    // to hold it finds out.
    if (phase_ == Phase::kUnderWay && !may_exist_) static_cast<void>(store_->Drop(job_, token_));
    co_return;
  }
  LogInfo("a batch was sent", {{"job", job_}, {"batch", id_}});
  if (cancelled_) co_return co_await RunCancel(id_);
  const bool go_on = co_await link_->sleeper().Sleep(poll_interval_);
  if (go_on) co_await WaitForEnd();
}

boost::asio::awaitable<std::optional<std::string>> SentBatch::Upload(std::string lines) {
  while (!link_->stopped() && !cancelled_) {
    absl::StatusOr<std::string> file = co_await api_->Upload(token_, lines);
    if (file.ok()) {
      failures_ = 0;
      co_return *std::move(file);
    }
    if (!absl::IsUnavailable(file.status())) {
      static_cast<void>(store_->Drop(job_, token_));
      EndForAPerson(file.status());
      co_return std::nullopt;
    }
    const bool again = co_await PauseAfter(file.status(), "uploading");
    if (!again) break;
  }
  co_return std::nullopt;
}

boost::asio::awaitable<bool> SentBatch::MayCreate() {
  std::optional<int64_t> claimed;
  while (!link_->stopped() && !cancelled_) {
    if (!claimed) {
      const absl::StatusOr<int64_t> now = store_->Now();
      if (now.ok()) claimed = *now;
    }
    const absl::StatusOr<bool> durable = claimed ? store_->IsDurable(*claimed) : false;
    if (durable.ok() && *durable) {
      const absl::StatusOr<Record> record = store_->Hold(job_, token_);
      if (record.ok()) co_return record->owner == Record::Owner::kThis;
    }
    const bool go_on = co_await link_->sleeper().Sleep(kDurableYet);
    if (!go_on) break;
  }
  co_return false;
}

boost::asio::awaitable<bool> SentBatch::Create(std::string file) {
  while (true) {
    absl::StatusOr<std::string> id = co_await api_->Create(token_, file);
    if (!id.ok() && !absl::IsUnavailable(id.status())) {
      static_cast<void>(store_->Drop(job_, token_));
      EndForAPerson(id.status());
      co_return false;
    }
    const absl::Status trouble = id.status();
    may_exist_ = true;
    // Whether the request arrived is unknown until the provider says so.
    while (absl::IsUnavailable(id.status())) {
      id = co_await Recover();
      if (!absl::IsUnavailable(id.status())) break;
      const bool again = co_await PauseAfter(id.status(), "looking");
      if (!again) co_return false;
    }
    if (!id.ok()) {
      EndForAPerson(id.status());
      co_return false;
    }
    if (!id->empty()) {
      id_ = *std::move(id);
      co_await StoreId();
      co_return true;
    }
    may_exist_ = false;
    const bool again = co_await PauseAfter(trouble, "creating");
    if (!again) co_return false;
    const bool may_create = co_await MayCreate();
    if (!may_create) co_return false;
  }
}

boost::asio::awaitable<absl::StatusOr<std::string>> SentBatch::Recover() {
  const absl::Time settled = absl::Now() + kCreationSettles;
  while (true) {
    absl::StatusOr<std::string> found = co_await api_->FindByToken(token_);
    if (absl::IsNotFound(found.status())) {
      LogWarning("the provider lists no batches; one that was cut off may be sent twice", {{"batch", token_}});
      found = std::string();
    }
    if (!found.ok() || !found->empty() || absl::Now() >= settled) co_return found;
    const bool go_on = co_await link_->sleeper().Sleep(kLookEvery);
    if (!go_on) co_return MakeError(absl::StatusCode::kUnavailable, "DRAINING", "the process is stopping");
  }
}

boost::asio::awaitable<void> SentBatch::StoreId() {
  while (true) {
    const absl::Status stored = store_->SetSent(job_, token_, id_);
    if (stored.ok()) co_return;
    // Whoever comes next finds it at the provider.
    const bool again = co_await PauseAfter(stored, "storing");
    if (!again) co_return;
  }
}

boost::asio::awaitable<void> SentBatch::RunFollow() {
  while (!link_->stopped()) {
    const absl::StatusOr<Record> record = store_->Hold(job_, token_);
    if (!record.ok()) {
      const bool again = co_await PauseAfter(record.status(), "looking");
      if (!again) co_return;
      continue;
    }
    if (record->owner == Record::Owner::kNone) co_return End(NotWorkedOff("the batch was given up"));
    if (record->owner == Record::Owner::kSent) {
      id_ = record->id;
      break;
    }
    if (record->owner == Record::Owner::kOther) {
      co_await link_->sleeper().Sleep(kAskForOthers);
      continue;
    }
    const absl::StatusOr<std::string> found = co_await Recover();
    if (!found.ok()) {
      if (!absl::IsUnavailable(found.status())) co_return EndForAPerson(found.status());
      const bool again = co_await PauseAfter(found.status(), "looking");
      if (!again) co_return;
      continue;
    }
    if (found->empty()) {
      if (store_->Drop(job_, token_).ok()) co_return End(NotWorkedOff("the batch was never sent"));
      continue;
    }
    id_ = *found;
    co_await StoreId();
    break;
  }
  if (id_.empty()) co_return;
  if (cancelled_) co_return co_await RunCancel(id_);
  co_await WaitForEnd();
}

boost::asio::awaitable<void> SentBatch::WaitForEnd() {
  while (!link_->stopped() && !cancelled_) {
    absl::StatusOr<BatchStatus> status = co_await api_->Look(id_);
    if (absl::IsNotFound(status.status())) {
      static_cast<void>(store_->Drop(job_, token_));
      co_return End(LostReply(absl::StrCat("the provider does not know the batch ", id_, " any more")));
    }
    if (status.ok()) {
      failures_ = 0;
      if (status->status == "failed") co_return TakeFailure(*status);
      if (status->ended()) {
        const bool output = co_await DownloadReplies(status->output_file);
        if (!output) co_return;
        const bool errors = co_await DownloadReplies(status->error_file);
        if (errors) TakeReplies(*status);
        co_return;
      }
      TellProgress(*status);
      const bool go_on = co_await link_->sleeper().Sleep(poll_interval_);
      if (!go_on) co_return;
      continue;
    }
    if (!absl::IsUnavailable(status.status())) co_return EndForAPerson(status.status());
    const bool again = co_await PauseAfter(status.status(), "looking");
    if (!again) co_return;
  }
}

boost::asio::awaitable<bool> SentBatch::DownloadReplies(std::string file) {
  if (file.empty()) co_return true;
  while (!link_->stopped()) {
    const absl::StatusOr<std::string> content = co_await api_->Download(file);
    if (content.ok()) {
      const size_t passed_over = ReadReplyFile(
          *content, [this](ReplyLine line) { replies_.insert_or_assign(line.call, std::move(line.reply)); });
      if (passed_over > 0)
        LogWarning("lines of a batch's file cannot be read", {{"batch", id_}, {"lines", passed_over}});
      co_return true;
    }
    // The file was deleted, by age mostly; what it held cannot be had any more.
    if (absl::IsNotFound(content.status())) co_return true;
    if (!absl::IsUnavailable(content.status())) {
      EndForAPerson(content.status());
      co_return false;
    }
    const bool again = co_await PauseAfter(content.status(), "downloading");
    if (!again) co_return false;
  }
  co_return false;
}

void SentBatch::TakeReplies(const BatchStatus& status) {
  missing_ = status.status == "completed" ? LostReply(absl::StrCat("the files of the batch ", id_, " lack the call"))
                                          : NotWorkedOff(absl::StrCat("the batch ", id_, " is ", status.status));
  phase_ = Phase::kAnswered;
  unused_since_ = absl::Now();
  LogInfo("a batch has ended", {{"batch", id_}, {"status", status.status}, {"replies", replies_.size()}});
  Deliver();
}

void SentBatch::TakeFailure(const BatchStatus& status) {
  static_cast<void>(store_->Drop(job_, token_));
  LogWarning("a batch has failed",
             {{"batch", id_}, {"code", status.error_code}, {"message", std::string_view(status.error_message)}});
  const auto about = [&](const char* word) { return absl::StrContains(status.error_code, word); };
  if (about("limit") || about("quota") || about("billing")) {
    // The words tell whether waiting helps or only money.
    turned_away_ = true;
    return End(ErrorReply(429, status.error_code, status.error_message));
  }
  if (about("model")) return End(ErrorReply(404, status.error_code, status.error_message));
  EndForAPerson(MakeError(absl::StatusCode::kFailedPrecondition, "BATCH_FAILED",
                          absl::StrCat("the provider cannot work on the batch ", id_, ": ", status.error_message, " (",
                                       status.error_code, ")")));
}

void SentBatch::Deliver() {
  if (waiting_.empty()) {
    if (unused_since_ == absl::InfiniteFuture()) unused_since_ = absl::Now();
    return;
  }
  std::vector<std::string> answered;
  std::vector<std::string> unanswered;
  for (const auto& [call, callers] : waiting_) {
    const auto found = replies_.find(call);
    (found != replies_.end() && IsSuccess(found->second) ? answered : unanswered).push_back(call);
  }
  const absl::StatusOr<std::vector<bool>> told = store_->Settle(job_, token_, answered, unanswered);
  // Tried again at the next tick.
  if (!told.ok()) return LogWarning("the end of a batch waits for Redis", {{"batch", id_}, {"error", told.status()}});
  const auto waiting = std::exchange(waiting_, {});
  const auto give = [&](const std::string& call, bool accounted) {
    const auto found = replies_.find(call);
    llm::BatchReply reply;
    reply.reply = found == replies_.end() ? missing_ : found->second;
    reply.accounted = accounted;
    for (const Caller& caller : waiting.at(call)) {
      caller(reply);
      // One of them pays.
      reply.accounted = true;
    }
  };
  for (size_t i = 0; i < answered.size(); ++i) give(answered[i], (*told)[i]);
  for (const std::string& call : unanswered) give(call, false);
  unused_since_ = absl::Now();
}

void SentBatch::End(const llm::HttpReply& reply) {
  phase_ = Phase::kOver;
  llm::BatchReply given;
  given.reply = reply;
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& [call, callers] : waiting) {
    for (const Caller& caller : callers) caller(given);
  }
}

void SentBatch::EndForAPerson(const absl::Status& status) {
  phase_ = Phase::kOver;
  Fail(llm::Failure(llm::Failure::Whose::kJob, status));
}

}  // namespace quern::batch
