#include "services/generator/candidate_cache.h"

#include <algorithm>

namespace quern::generator {

CandidateCache::CandidateCache(size_t capacity) : capacity_(std::max<size_t>(capacity, 1)) {}

CandidateCache::Value CandidateCache::Get(const std::string& key, const std::function<std::vector<Candidate>()>& make) {
  const std::shared_ptr<Slot> slot = SlotOf(key);
  std::call_once(slot->made, [&] { slot->candidates = make(); });
  return Value(slot, &slot->candidates);
}

std::shared_ptr<CandidateCache::Slot> CandidateCache::SlotOf(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    return found->second->second;
  }
  order_.emplace_front(key, std::make_shared<Slot>());
  entries_.emplace(key, order_.begin());
  const std::shared_ptr<Slot> slot = order_.front().second;
  if (entries_.size() > capacity_) {
    entries_.erase(order_.back().first);
    order_.pop_back();
  }
  return slot;
}

}  // namespace quern::generator
