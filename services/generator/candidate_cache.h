#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "services/generator/candidate.h"

namespace quern::generator {

// Remembers the candidates of the documents used last, because the items of one document come close together and each
// needs them all. Thread-safe.
class CandidateCache {
 public:
  using Value = std::shared_ptr<const std::vector<Candidate>>;

  // Keeps at most `capacity` documents, at least 1.
  explicit CandidateCache(size_t capacity);

  // What `make` returned for `key`; where it was not asked yet, or was dropped since, it is asked now. Of several
  // threads that come for one key at once, one makes and the others wait for it. `make` does not throw.
  Value Get(const std::string& key, const std::function<std::vector<Candidate>()>& make);

 private:
  struct Slot {
    std::once_flag made;
    std::vector<Candidate> candidates;
  };
  using Order = std::list<std::pair<std::string, std::shared_ptr<Slot>>>;

  std::shared_ptr<Slot> SlotOf(const std::string& key);

  const size_t capacity_;
  absl::Mutex mutex_;
  Order order_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Order::iterator> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::generator
