#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/base/backoff.h"
#include "common/llm/batch/sent_batch.h"

namespace quern::batch {

// Gathers the calls of one job to one endpoint into batches: looks up whether a call is in a batch already, whoever
// sent it, and sends the others once they are many or have waited long. Thread-compatible; everything runs on the
// link's thread.
class Gatherer {
 public:
  // `link` and `store` outlive it. `model` has a resolved `batch`.
  Gatherer(Link* link, Store* store, std::string job, std::shared_ptr<llm::Model> model,
           std::shared_ptr<llm::Endpoint> endpoint);

  void Ask(llm::BatchCall call, Caller caller);
  // Does what is due. To be called a few times a second.
  void Tick(absl::Time now);
  // All who wait now get this.
  void Fail(const llm::Failure& failure);
  void AddCounts(llm::BatchCounts* counts) const;
  // Nobody waits, and nothing is under way.
  bool idle() const { return arrived_.empty() && gathered_.empty() && batches_.empty(); }

 private:
  // A call that is in no batch of this process.
  struct Gathered {
    std::string call;
    std::string line;
    std::vector<Caller> callers;
    std::function<absl::Status(uint64_t tokens_under_way)> check_budget;
  };
  using List = std::list<Gathered>;

  void LookAtJob(absl::Time now);
  // Takes what arrived to its batches, or to what is gathered.
  void LookUp(absl::Time now);
  bool IsDue(absl::Time now) const;
  // False when nothing can be sent now.
  bool SendOne(absl::Time now);
  bool WithinBudget(absl::Time now);
  void Claim(List calls, absl::Time now);
  void Join(const std::string& token, const std::string& call, std::vector<Caller>* callers);
  void TickBatches(absl::Time now);
  void GiveUpJob();
  std::shared_ptr<SentBatch> MakeBatch(const std::string& token) const;
  uint64_t TokensUnderWay() const;
  // Redis is not to be had: nothing that needs it is tried for a while.
  void StoreFailed(const absl::Status& status, absl::Time now);

  Link* const link_;
  Store* const store_;
  const std::string job_;
  const std::shared_ptr<llm::Model> model_;
  const std::string base_url_;
  const std::shared_ptr<Api> api_;
  const size_t most_calls_;
  const absl::Duration longest_wait_;
  const absl::Duration poll_interval_;
  Backoff backoff_;

  JobState state_ = JobState::kRunning;
  absl::Time state_at_ = absl::InfinitePast();
  bool given_up_ = false;
  absl::Time store_from_ = absl::InfinitePast();
  // The provider has enough for now.
  absl::Time send_from_ = absl::InfinitePast();
  uint32_t turned_away_ = 0;

  // In both lists a call stands once.
  absl::flat_hash_map<std::string, List::iterator> by_call_;
  List arrived_;
  List gathered_;
  size_t gathered_bytes_ = 0;
  absl::Time gathering_since_ = absl::InfiniteFuture();
  struct Batch {
    std::shared_ptr<SentBatch> batch;
    // Of its prompts, where this process sent it.
    uint64_t tokens = 0;
  };
  // By token.
  absl::flat_hash_map<std::string, Batch> batches_;
};

}  // namespace quern::batch
