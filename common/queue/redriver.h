#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/queue/redis.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/record.pb.h"

namespace quern::queue {

// Sends dead letters on their way again. Thread-compatible; owns one connection.
class Redriver {
 public:
  explicit Redriver(RedisOptions redis, std::string job_id, v1::JobSpec spec);

  // Stores each letter's document and item again with the item's generation raised by one, and moves the counts from
  // dead to in flight, in one script per lane. Returns how many went; the rest had been redriven before.
  // FAILED_PRECONDITION when the job is CANCELLING, CANCELLED or DELETING; a COMPLETED job becomes RUNNING.
  absl::StatusOr<uint64_t> Redrive(const std::vector<v1::DeadLetterRow>& letters);

  // Which of these keys (DeadLetterRow.id and generation) were redriven already, in order.
  absl::StatusOr<std::vector<bool>> Redriven(const std::vector<v1::DeadLetterRow>& letters);

 private:
  Redis redis_;
  const std::string job_id_;
  const v1::JobSpec spec_;
};

}  // namespace quern::queue
