#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/queue/lane.h"
#include "common/queue/read_schedule.h"
#include "common/queue/redis.h"

namespace quern::queue {

// Entries that came out of lanes.
struct LaneBatch {
  std::vector<Entry> entries;
  // (lane, stream id) of those that this program cannot read: written by a newer version, or damaged.
  std::vector<std::pair<std::shared_ptr<Lane>, std::string>> unreadable;
  // Claimed entries whose content is gone from the stream: never expected.
  size_t gone = 0;
};

// Gets entries and documents out of Redis for one consumer. Sets each lane's state as it finds it.
// Thread-compatible; uses the connection that it is given.
class LaneReader {
 public:
  LaneReader(Redis* redis, std::string consumer) : redis_(redis), consumer_(std::move(consumer)) {}

  // New entries. Tells `schedule` what each lane brought.
  absl::Status Read(const std::vector<ReadSchedule::Ask>& asks, ReadSchedule* schedule, LaneBatch* batch);

  // Takes over up to `most` entries of each lane that nobody has renewed for `lease`. Returns whether there may be
  // more.
  absl::StatusOr<bool> Reclaim(const std::vector<std::shared_ptr<Lane>>& lanes, absl::Duration lease, size_t most,
                               LaneBatch* batch);

  // Gives to nobody what other consumers hold.
  absl::Status Orphan(const std::vector<std::shared_ptr<Lane>>& lanes);

  // Counts the delivery of entries that are about to start. One flag for each: whether it may start.
  absl::StatusOr<std::vector<bool>> CountDeliveries(const std::vector<const Entry*>& entries);

  // The documents of entries; null where Redis has none, or none that is readable. Redis is not asked for those that
  // this process has kept, unless the entry was taken over from somebody whose lease ran out.
  absl::StatusOr<std::vector<std::shared_ptr<const v1::Document>>> Documents(const std::vector<const Entry*>& entries);

  // Renews leases of one lane; the ids that are lost.
  absl::StatusOr<std::vector<std::string>> Renew(const Lane& lane, const std::vector<std::string>& ids);

 private:
  // Takes the entries out of one lane's reply of XREADGROUP; makes the group again where it is gone.
  absl::Status TakeRead(const std::shared_ptr<Lane>& lane, Reply& read, LaneBatch* batch);
  void Decode(const std::shared_ptr<Lane>& lane, std::string id, std::string payload, Entry entry, LaneBatch* batch);

  Redis* const redis_;
  const std::string consumer_;
};

}  // namespace quern::queue
