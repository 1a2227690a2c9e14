#include "services/generator/candidate_cache.h"

#include <algorithm>

namespace quern::generator {

CandidateCache::CandidateCache(size_t capacity) : capacity_(std::max<size_t>(capacity, 1)) {}

CandidateCache::Value CandidateCache::Get(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return found->second->second;
}

void CandidateCache::Put(const std::string& key, Value value) {
  absl::MutexLock lock(&mutex_);
  if (entries_.contains(key)) return;
  order_.emplace_front(key, std::move(value));
  entries_.emplace(key, order_.begin());
  if (entries_.size() > capacity_) {
    entries_.erase(order_.back().first);
    order_.pop_back();
  }
}

}  // namespace quern::generator
