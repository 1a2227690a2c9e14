#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/queue/lane.h"

namespace quern::queue {

// Which entries this consumer holds and has to renew. Thread-safe.
class Leases {
 public:
  struct Lease {
    std::shared_ptr<Lane> lane;
    std::string id;
    // The count to leave behind when it is handed back.
    uint32_t deliveries_before = 0;
    // Handed out to the handler.
    bool running = false;
    // Somebody else has taken it over: not renewed any more. Settling it stays possible, and whoever is first wins.
    bool lost = false;
  };

  // False when it is held already.
  bool Add(const Entry& entry);
  void SetRunning(const Entry& entry);
  void SetLost(const Lane* lane, const std::string& id);
  bool IsLost(const Entry& entry) const;
  void Remove(const Lane* lane, const std::string& id);

  size_t held() const;
  size_t running() const;
  // Waits until nothing runs; false when that takes longer than `longest`.
  bool WaitUntilNothingRuns(absl::Duration longest) const;
  // All leases that are not lost, grouped by lane.
  absl::flat_hash_map<std::shared_ptr<Lane>, std::vector<Lease>> ByLane() const;

 private:
  using Key = std::pair<const Lane*, std::string>;

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<Key, Lease> leases_ ABSL_GUARDED_BY(mutex_);
  size_t running_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace quern::queue
