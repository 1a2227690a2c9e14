#include "common/queue/settlements.h"

#include <utility>

#include "absl/container/flat_hash_map.h"

namespace quern::queue {
namespace {

bool Releases(const Settlement& settlement) {
  return settlement.kind == Settlement::Kind::kHandBack || settlement.kind == Settlement::Kind::kPark;
}

}  // namespace

bool Settlements::Push(Settlement settlement) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return false;
  waiting_.push_back(std::move(settlement));
  return true;
}

std::vector<Settlement> Settlements::Take(absl::Duration longest) {
  absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !waiting_.empty() || closed_; };
  mutex_.AwaitWithTimeout(absl::Condition(&ready), longest);
  const auto fills = [this]()
                         ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return waiting_.size() >= kMaxBatchItems || closed_; };
  if (!waiting_.empty()) mutex_.AwaitWithTimeout(absl::Condition(&fills), kGatherTime);
  // Settlements are large: room for the next ones, so that they are not moved as they gather.
  std::vector<Settlement> next;
  next.reserve(kMaxBatchItems);
  return std::exchange(waiting_, std::move(next));
}

void Settlements::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

std::vector<std::vector<Settlement*>> Batches(std::vector<Settlement>& settlements) {
  struct Open {
    size_t batch;
    size_t bytes;
  };
  std::vector<std::vector<Settlement*>> batches;
  absl::flat_hash_map<std::pair<const Lane*, bool>, Open> open;
  for (Settlement& settlement : settlements) {
    const size_t bytes = settlement.bytes();
    const auto [at, added] = open.try_emplace({settlement.lane.get(), Releases(settlement)}, Open{batches.size(), 0});
    Open& current = at->second;
    if (added) {
      batches.emplace_back();
    } else if (batches[current.batch].size() >= kMaxBatchItems || current.bytes + bytes > kMaxBatchBytes) {
      current = Open{batches.size(), 0};
      batches.emplace_back();
    }
    batches[current.batch].push_back(&settlement);
    current.bytes += bytes;
  }
  return batches;
}

}  // namespace quern::queue
