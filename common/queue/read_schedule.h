#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "common/queue/lane.h"

namespace quern::queue {

// Decides which lanes to read next and how much: room is shared among running jobs in proportion to their weights
// (smooth weighted round robin), so that a small job behind a huge one advances, and lanes that were empty are asked
// less and less often, from every 5 ms to every 100 ms. Thread-compatible.
class ReadSchedule {
 public:
  struct Ask {
    std::shared_ptr<Lane> lane;
    size_t count = 0;
  };

  // Replaces the lanes. Those known already keep their turn.
  void SetLanes(const std::vector<std::shared_ptr<Lane>>& lanes);

  // What to read into `room` free places. Lanes of jobs on hold are left out, unless they are being cancelled.
  std::vector<Ask> Plan(size_t room, absl::Time now);

  // What a read brought.
  void Report(const Lane* lane, size_t asked, size_t got, absl::Time now);

  // When the next lane is due; InfiniteFuture without lanes.
  absl::Time NextDue() const;

 private:
  struct Turn {
    std::shared_ptr<Lane> lane;
    // Its job's weight, shared among the job's lanes.
    double weight = 1;
    double credit = 0;
    absl::Duration delay;
    absl::Time due = absl::InfinitePast();
  };

  std::vector<Turn> turns_;
};

}  // namespace quern::queue
