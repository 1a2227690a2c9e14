#include "common/llm/batch/gatherer.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/base/log.h"
#include "common/llm/batch/request_file.h"
#include "common/llm/endpoint.h"

namespace quern::batch {
namespace {

constexpr absl::Duration kLookAtJobEvery = absl::Seconds(1);
constexpr absl::Duration kStoreRest = absl::Seconds(1);
// How long a provider that has enough enqueued is left alone, at first and at most, in polls.
constexpr int kFirstRestPolls = 2;
constexpr int kLongestRestPolls = 60;
// Replies that were downloaded are kept so long for items that come back late: after a crash a few at a time.
constexpr absl::Duration kKeepReplies = absl::Minutes(10);
constexpr uint64_t kBytesPerToken = 4;

absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

std::string NewToken() {
  std::random_device random;
  return absl::StrFormat("%08x%08x", random(), random());
}

std::string BaseUrlOf(const llm::Endpoint& endpoint) {
  return std::string(absl::StripSuffix(endpoint.url(), "/chat/completions"));
}

llm::Failure JobIsOver() {
  return {llm::Failure::Whose::kEnvironment,
          MakeError(absl::StatusCode::kUnavailable, "DRAINING", "the job was cancelled")};
}

}  // namespace

Gatherer::Gatherer(Link* link, Store* store, std::string job, std::shared_ptr<llm::Model> model,
                   std::shared_ptr<llm::Endpoint> endpoint)
    : link_(link),
      store_(store),
      job_(std::move(job)),
      model_(std::move(model)),
      base_url_(BaseUrlOf(*endpoint)),
      api_(std::make_shared<Api>(link, model_, base_url_)),
      most_calls_(model_->spec().batch().max_calls()),
      longest_wait_(DurationOf(model_->spec().batch().max_wait())),
      poll_interval_(DurationOf(model_->spec().batch().poll_interval())),
      backoff_(kFirstRestPolls * poll_interval_, kLongestRestPolls * poll_interval_, std::random_device()()) {}

void Gatherer::Ask(llm::BatchCall call, Caller caller) {
  std::string id = ContentHash(absl::StrCat(base_url_, "\n", call.repetition, "\n", call.body));
  const auto known = by_call_.find(id);
  if (known != by_call_.end()) {
    known->second->callers.push_back(std::move(caller));
    return;
  }
  Gathered gathered;
  gathered.line = RequestLine(id, call.body);
  gathered.check_budget = std::move(call.check_budget);
  gathered.callers.push_back(std::move(caller));
  gathered.call = id;
  arrived_.push_back(std::move(gathered));
  by_call_.emplace(std::move(id), std::prev(arrived_.end()));
}

void Gatherer::Tick(absl::Time now) {
  if (now < store_from_) return;
  LookAtJob(now);
  if (now < store_from_) return;
  TickBatches(now);
  if (state_ == JobState::kOver) return GiveUpJob();
  LookUp(now);
  while (now >= store_from_ && IsDue(now) && SendOne(now)) {
  }
}

void Gatherer::StoreFailed(const absl::Status& status, absl::Time now) {
  LogWarning("batches wait for Redis", {{"job", job_}, {"error", status}});
  store_from_ = now + kStoreRest;
}

void Gatherer::LookAtJob(absl::Time now) {
  if (now - state_at_ < kLookAtJobEvery) return;
  const absl::StatusOr<JobState> state = store_->StateOf(job_);
  if (!state.ok()) return StoreFailed(state.status(), now);
  state_ = *state;
  state_at_ = now;
  if (state_ != JobState::kOver) given_up_ = false;
}

void Gatherer::GiveUpJob() {
  Fail(JobIsOver());
  if (given_up_) return;
  const absl::StatusOr<std::vector<SentRecord>> sent = store_->Sent(job_);
  // Those of other processes as well: these may be gone. Their own hearing of it twice does no harm.
  if (!sent.ok()) return;
  given_up_ = true;
  for (const SentRecord& record : *sent) {
    if (record.endpoint != base_url_) continue;
    Batch& batch = batches_[record.token];
    if (batch.batch != nullptr) continue;
    batch.batch = MakeBatch(record.token);
    batch.batch->Follow();
  }
  for (auto& [token, batch] : batches_) batch.batch->Cancel();
}

void Gatherer::Fail(const llm::Failure& failure) {
  llm::BatchReply reply;
  reply.failure = failure;
  by_call_.clear();
  gathered_bytes_ = 0;
  for (List* list : {&arrived_, &gathered_}) {
    const List failed = std::exchange(*list, {});
    for (const Gathered& gathered : failed) {
      for (const Caller& caller : gathered.callers) caller(reply);
    }
  }
  for (auto& [token, batch] : batches_) batch.batch->Fail(failure);
}

void Gatherer::AddCounts(llm::BatchCounts* counts) const {
  counts->calls_gathered += arrived_.size() + gathered_.size();
  for (const auto& [token, batch] : batches_) {
    if (!batch.batch->under_way()) continue;
    ++counts->batches_sent;
    counts->calls_sent += batch.batch->calls();
  }
}

void Gatherer::LookUp(absl::Time now) {
  if (arrived_.empty() || now < store_from_) return;
  std::vector<std::string> calls;
  for (const Gathered& gathered : arrived_) calls.push_back(gathered.call);
  const absl::StatusOr<std::vector<std::string>> tokens = store_->Find(job_, calls);
  if (!tokens.ok()) return StoreFailed(tokens.status(), now);
  if (gathered_.empty()) gathering_since_ = now;
  for (const std::string& token : *tokens) {
    const auto at = arrived_.begin();
    if (token.empty()) {
      gathered_bytes_ += at->line.size();
      gathered_.splice(gathered_.end(), arrived_, at);
      continue;
    }
    Join(token, at->call, &at->callers);
    by_call_.erase(at->call);
    arrived_.erase(at);
  }
}

std::shared_ptr<SentBatch> Gatherer::MakeBatch(const std::string& token) const {
  return std::make_shared<SentBatch>(link_, store_, api_, job_, token, poll_interval_);
}

void Gatherer::Join(const std::string& token, const std::string& call, std::vector<Caller>* callers) {
  Batch& batch = batches_[token];
  if (batch.batch == nullptr || batch.batch->over()) {
    batch = Batch();
    batch.batch = MakeBatch(token);
    batch.batch->Follow();
  }
  for (Caller& caller : *callers) batch.batch->Wait(call, std::move(caller));
}

bool Gatherer::IsDue(absl::Time now) const {
  if (gathered_.empty() || state_ != JobState::kRunning || now < send_from_) return false;
  return gathered_.size() >= most_calls_ || gathered_bytes_ >= kMostFileBytes ||
         now - gathering_since_ >= longest_wait_;
}

uint64_t Gatherer::TokensUnderWay() const {
  uint64_t tokens = 0;
  for (const auto& [token, batch] : batches_) tokens += batch.batch->under_way() ? batch.tokens : 0;
  return tokens;
}

bool Gatherer::WithinBudget(absl::Time now) {
  const auto check = gathered_.front().check_budget;
  if (check == nullptr) return true;
  const absl::Status spent = check(0);
  // Redis is away; asked again at the next tick.
  if (!spent.ok() && !absl::IsResourceExhausted(spent)) return false;
  if (!spent.ok()) {
    Fail(llm::Failure(llm::Failure::Whose::kJob, spent));
    return false;
  }
  // What is under way may spend the rest: then its bill comes first.
  const uint64_t tokens = TokensUnderWay();
  const bool within = tokens == 0 || check(tokens).ok();
  if (!within) send_from_ = now + kLookAtJobEvery;
  return within;
}

bool Gatherer::SendOne(absl::Time now) {
  if (!WithinBudget(now)) return false;
  List calls;
  size_t bytes = 0;
  while (!gathered_.empty() && calls.size() < most_calls_) {
    const size_t size = gathered_.front().line.size();
    if (!calls.empty() && bytes + size > kMostFileBytes) break;
    bytes += size;
    calls.splice(calls.end(), gathered_, gathered_.begin());
  }
  gathered_bytes_ -= bytes;
  gathering_since_ = now;
  Claim(std::move(calls), now);
  return true;
}

void Gatherer::Claim(List calls, absl::Time now) {
  const std::string token = NewToken();
  std::vector<std::string> ids;
  for (const Gathered& gathered : calls) ids.push_back(gathered.call);
  const absl::StatusOr<std::vector<std::string>> tokens = store_->Claim(job_, token, base_url_, ids);
  if (!tokens.ok()) {
    // Whatever was claimed all the same is found when they are looked up again.
    arrived_.splice(arrived_.end(), calls);
    return StoreFailed(tokens.status(), now);
  }
  Batch mine;
  mine.batch = MakeBatch(token);
  std::string lines;
  for (size_t i = 0; i < ids.size(); ++i, calls.pop_front()) {
    Gathered& gathered = calls.front();
    by_call_.erase(gathered.call);
    if ((*tokens)[i] != token) {
      Join((*tokens)[i], gathered.call, &gathered.callers);
      continue;
    }
    lines += gathered.line;
    for (Caller& caller : gathered.callers) mine.batch->Wait(gathered.call, std::move(caller));
  }
  if (lines.empty()) {
    static_cast<void>(store_->Drop(job_, token));
    return;
  }
  mine.tokens = lines.size() / kBytesPerToken;
  mine.batch->Send(std::move(lines));
  batches_[token] = std::move(mine);
}

void Gatherer::TickBatches(absl::Time now) {
  for (auto at = batches_.begin(); at != batches_.end();) {
    SentBatch& batch = *at->second.batch;
    batch.Tick(now);
    if (batch.over() && batch.turned_away()) {
      send_from_ = now + poll_interval_ + backoff_.Next(turned_away_++);
    } else if (!batch.over() && !batch.under_way()) {
      turned_away_ = 0;
    }
    const bool unused = now - batch.unused_since() > kKeepReplies;
    if (batch.over() || unused) {
      batches_.erase(at++);
    } else {
      ++at;
    }
  }
}

}  // namespace quern::batch
