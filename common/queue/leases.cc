#include "common/queue/leases.h"

namespace quern::queue {

bool Leases::Add(const Entry& entry) {
  absl::MutexLock lock(&mutex_);
  return leases_
      .try_emplace(Key(entry.lane.get(), entry.id), Lease{entry.lane, entry.id, entry.deliveries - 1, false, false})
      .second;
}

void Leases::SetRunning(const Entry& entry) {
  absl::MutexLock lock(&mutex_);
  const auto found = leases_.find(Key(entry.lane.get(), entry.id));
  if (found == leases_.end() || found->second.running) return;
  found->second.running = true;
  ++running_;
}

void Leases::SetLost(const Lane* lane, const std::string& id) {
  absl::MutexLock lock(&mutex_);
  const auto found = leases_.find(Key(lane, id));
  if (found != leases_.end()) found->second.lost = true;
}

bool Leases::IsLost(const Entry& entry) const {
  absl::MutexLock lock(&mutex_);
  const auto found = leases_.find(Key(entry.lane.get(), entry.id));
  return found == leases_.end() || found->second.lost;
}

void Leases::Remove(const Lane* lane, const std::string& id) {
  absl::MutexLock lock(&mutex_);
  const auto found = leases_.find(Key(lane, id));
  if (found == leases_.end()) return;
  if (found->second.running) --running_;
  leases_.erase(found);
}

size_t Leases::held() const {
  absl::MutexLock lock(&mutex_);
  return leases_.size();
}

size_t Leases::running() const {
  absl::MutexLock lock(&mutex_);
  return running_;
}

bool Leases::WaitUntilNothingRuns(absl::Duration longest) const {
  absl::MutexLock lock(&mutex_);
  const auto nothing = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return running_ == 0; };
  return mutex_.AwaitWithTimeout(absl::Condition(&nothing), longest);
}

absl::flat_hash_map<std::shared_ptr<Lane>, std::vector<Leases::Lease>> Leases::ByLane() const {
  absl::flat_hash_map<std::shared_ptr<Lane>, std::vector<Lease>> lanes;
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, lease] : leases_) {
    if (!lease.lost) lanes[lease.lane].push_back(lease);
  }
  return lanes;
}

}  // namespace quern::queue
