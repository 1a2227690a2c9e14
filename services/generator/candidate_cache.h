#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "services/generator/candidate.h"

namespace quern::generator {

// Remembers the candidates of the documents used last, because the items of one document come close together and each
// needs them all. Thread-safe. Two threads that miss at once both compute; the results are equal.
class CandidateCache {
 public:
  using Value = std::shared_ptr<const std::vector<Candidate>>;

  // Keeps at most `capacity` documents, at least 1.
  explicit CandidateCache(size_t capacity);

  // What was put under `key`, or null.
  Value Get(const std::string& key);

  // Stores `value`, dropping what was used least recently.
  void Put(const std::string& key, Value value);

 private:
  using Order = std::list<std::pair<std::string, Value>>;

  const size_t capacity_;
  absl::Mutex mutex_;
  Order order_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Order::iterator> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::generator
