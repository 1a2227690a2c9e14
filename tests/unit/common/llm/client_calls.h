#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/base/error.h"
#include "common/llm/client.h"
#include "tests/support/models.h"

namespace quern::llm {

// What a test's ledger was told, and what it answers.
class TestLedger : public Ledger {
 public:
  void Add(const std::string& job, std::string_view stage, std::string_view model,
           const v1::ModelUsage& usage) override {
    absl::MutexLock lock(&mutex_);
    who_ = job + " " + std::string(stage) + " " + std::string(model);
    total_.set_calls(total_.calls() + usage.calls());
    total_.set_ambiguous_calls(total_.ambiguous_calls() + usage.ambiguous_calls());
    total_.set_retries(total_.retries() + usage.retries());
    total_.set_input_tokens(total_.input_tokens() + usage.input_tokens());
    total_.set_cached_tokens(total_.cached_tokens() + usage.cached_tokens());
    total_.set_output_tokens(total_.output_tokens() + usage.output_tokens());
    total_.set_reused_replies(total_.reused_replies() + usage.reused_replies());
    total_.set_cost(total_.cost() + usage.cost());
  }
  absl::Status Check(const std::string&) override {
    absl::MutexLock lock(&mutex_);
    return check_;
  }
  absl::Status CheckWith(const std::string& job, const v1::ModelUsage&) override { return Check(job); }
  absl::StatusOr<Room> Reserve(const std::string& job, const v1::ModelUsage& most) override {
    QUERN_RETURN_IF_ERROR(Check(job));
    absl::MutexLock lock(&mutex_);
    if (reserved_ >= room_) {
      ++turned_away_;
      return Room::kNone;
    }
    ++reserved_;
    most_ = most;
    return Room::kReserved;
  }
  void Release(const std::string&, const v1::ModelUsage&) override {
    absl::MutexLock lock(&mutex_);
    --reserved_;
  }
  // For how many calls at once the budget has room.
  void MakeRoom(int calls) {
    absl::MutexLock lock(&mutex_);
    room_ = calls;
  }
  int reserved() const {
    absl::MutexLock lock(&mutex_);
    return reserved_;
  }
  int turned_away() const {
    absl::MutexLock lock(&mutex_);
    return turned_away_;
  }
  // What was reserved last.
  v1::ModelUsage most() const {
    absl::MutexLock lock(&mutex_);
    return most_;
  }
  void AnswerCheck(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    check_ = std::move(status);
  }
  v1::ModelUsage total() const {
    absl::MutexLock lock(&mutex_);
    return total_;
  }
  // Job, stage and model of the last entry.
  std::string who() const {
    absl::MutexLock lock(&mutex_);
    return who_;
  }

 private:
  mutable absl::Mutex mutex_;
  v1::ModelUsage total_;
  std::string who_;
  absl::Status check_;
  int room_ = 1 << 20;
  int reserved_ = 0;
  int turned_away_ = 0;
  v1::ModelUsage most_;
};

// A call that keeps its request.
inline boost::asio::awaitable<Result> Complete(Client* client, ChatRequest request) {
  co_return co_await client->Complete(request);
}

inline std::shared_ptr<Client> ClientOf(Hub* hub, const v1::JobSpec& job) {
  auto client = Client::Make(hub, job, job.generator().llm());
  if (!client.ok()) throw std::runtime_error(client.status().ToString());
  return *std::move(client);
}

inline ChatRequest Question(std::string document = "document") {
  ChatRequest request;
  request.task = "2 + 2?";
  request.affinity = std::move(document);
  request.job = "job";
  request.stage = "generator";
  return request;
}

// `count` calls at once, each for a document of its own.
inline std::vector<Result> AskMany(Client& client, int count) {
  std::vector<boost::asio::awaitable<Result>> calls;
  for (int i = 0; i < count; ++i) calls.push_back(Complete(&client, Question("document " + std::to_string(i))));
  return testing::RunAll(std::move(calls));
}

inline Result AskOnce(Client& client, const ChatRequest& request = Question()) {
  return testing::RunOne(Complete(&client, request));
}

// The text of a completion, or the reason of a failure.
inline std::string TextOrReason(const Result& result) {
  if (const auto* completion = std::get_if<Completion>(&result)) return completion->text;
  return ErrorReason(std::get<Failure>(result).status);
}

inline std::vector<std::string> TextsOrReasons(const std::vector<Result>& results) {
  std::vector<std::string> all;
  for (const Result& result : results) all.push_back(TextOrReason(result));
  return all;
}

}  // namespace quern::llm
