#include "common/stage/batch_store.h"

#include <unistd.h>

#include <random>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/queue/job_batches.h"
#include "quern/v1/job.pb.h"

namespace quern::stage {
namespace {

// Unique among all processes, and telling where to look.
std::string OwnerName() {
  char host[256] = {};
  gethostname(host, sizeof(host) - 1);
  return absl::StrFormat("%s-%d-%08x", host, getpid(), std::random_device()());
}

class RedisBatchStore : public batch::Store {
 public:
  explicit RedisBatchStore(const queue::RedisOptions& redis) : batches_(redis, OwnerName()) {}

  absl::StatusOr<batch::JobState> StateOf(const std::string& job) override {
    QUERN_ASSIGN_OR_RETURN(const int state, batches_.StateOf(job));
    if (state == v1::JOB_STATE_RUNNING) return batch::JobState::kRunning;
    return state == v1::JOB_STATE_PAUSED ? batch::JobState::kPaused : batch::JobState::kOver;
  }

  absl::StatusOr<std::vector<std::string>> Find(const std::string& job,
                                                const std::vector<std::string>& calls) override {
    return batches_.Claim(job, "", "", calls);
  }

  absl::StatusOr<std::vector<std::string>> Claim(const std::string& job, const std::string& token,
                                                 const std::string& endpoint,
                                                 const std::vector<std::string>& calls) override {
    return batches_.Claim(job, token, endpoint, calls);
  }

  absl::StatusOr<int64_t> Now() override { return batches_.NowMs(); }
  absl::StatusOr<bool> IsDurable(int64_t before) override { return batches_.IsDurable(before); }

  absl::StatusOr<batch::Record> Hold(const std::string& job, const std::string& token) override {
    QUERN_ASSIGN_OR_RETURN(const queue::JobBatches::Held held, batches_.Hold(job, token));
    batch::Record record;
    record.id = held.id;
    record.owner = held.who == "sent"    ? batch::Record::Owner::kSent
                   : held.who == "other" ? batch::Record::Owner::kOther
                   : held.who == "none"  ? batch::Record::Owner::kNone
                                         : batch::Record::Owner::kThis;
    return record;
  }

  absl::Status SetSent(const std::string& job, const std::string& token, const std::string& id) override {
    return batches_.SetSent(job, token, id);
  }

  absl::StatusOr<std::vector<bool>> Settle(const std::string& job, const std::string& token,
                                           const std::vector<std::string>& answered,
                                           const std::vector<std::string>& unanswered) override {
    return batches_.Settle(job, token, answered, unanswered);
  }

  absl::Status Drop(const std::string& job, const std::string& token) override { return batches_.Drop(job, token); }

  absl::StatusOr<std::vector<batch::SentRecord>> Sent(const std::string& job) override {
    QUERN_ASSIGN_OR_RETURN(const auto all, batches_.AllSent(job));
    std::vector<batch::SentRecord> sent;
    for (const auto& each : all) sent.push_back({each.token, each.endpoint, each.id});
    return sent;
  }

 private:
  queue::JobBatches batches_;
};

}  // namespace

std::unique_ptr<batch::Store> MakeBatchStore(const queue::RedisOptions& redis) {
  return std::make_unique<RedisBatchStore>(redis);
}

}  // namespace quern::stage
