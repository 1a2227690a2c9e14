#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/queue/redis.h"
#include "common/queue/settlements.h"

namespace quern::queue {

// Makes settlements true in Redis, in batches. Thread-compatible; owns one connection.
class Finisher {
 public:
  enum class Outcome {
    kDone,
    // Somebody else had settled it, or the job is gone.
    kFenced,
    // Given back to nobody.
    kReleased,
    // Redis refused it for a reason that repeating will not cure; the entry stays pending, for whoever takes it over.
    kFailed,
    // Not made, or not known to be made: repeat it, which is safe.
    kRepeat,
  };

  Finisher(RedisOptions redis, std::string consumer);

  // What became of each settlement, in their order. A status other than OK says why some are kRepeat.
  absl::Status Finish(std::vector<Settlement>& settlements, std::vector<Outcome>* outcomes);

  // Takes the consumer out of a lane's group where it holds nothing any more.
  absl::Status Leave(const Lane& lane);

  uint64_t connections() const { return redis_.connections(); }

 private:
  using Batch = std::vector<Settlement*>;

  // One call for each batch, all sent at once. Fills in outcomes of `settlements` (where they begin: `first`); batches
  // that a cancellation overtook end up in `overtaken`.
  absl::Status Send(const std::vector<Batch>& batches, bool cancelled, const Settlement* first,
                    std::vector<Outcome>* outcomes, std::vector<Batch>* overtaken);

  Redis redis_;
  const std::string consumer_;
};

}  // namespace quern::queue
