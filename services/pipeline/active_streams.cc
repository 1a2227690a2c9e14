#include "services/pipeline/active_streams.h"

#include <utility>

namespace quern::pipeline {

uint64_t ActiveStreams::Add(std::function<void()> end) {
  absl::MutexLock lock(&mutex_);
  if (draining_) end();
  const uint64_t id = next_id_++;
  streams_.emplace(id, std::move(end));
  return id;
}

void ActiveStreams::Remove(uint64_t id) {
  absl::MutexLock lock(&mutex_);
  streams_.erase(id);
}

void ActiveStreams::Drain(absl::Duration grace) {
  absl::MutexLock lock(&mutex_);
  if (!draining_) {
    draining_ = true;
    for (auto& [id, end] : streams_) end();
  }
  const auto none_left = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return streams_.empty(); };
  mutex_.AwaitWithTimeout(absl::Condition(&none_left), grace);
}

}  // namespace quern::pipeline
