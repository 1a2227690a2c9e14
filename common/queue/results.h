#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/queue/redis.h"
#include "quern/v1/document.pb.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/queue.pb.h"
#include "quern/v1/record.pb.h"

namespace quern::queue {

// Tells up to when Redis' state survives a crash of its machine: by WAITAOF where the server has it (7.2), else by age
// (3 s, while INFO shows no fsync pending or delayed and the last write OK), else at once with appendfsync always.
// Times are Redis' own, in milliseconds since the epoch, as in stream ids. Thread-compatible; owns one connection.
class DurabilityClock {
 public:
  explicit DurabilityClock(RedisOptions redis);

  // Everything written strictly before this time is durable. Monotone unless Redis restarted. At most one round trip
  // per 100 ms; in between the last value is returned.
  absl::StatusOr<int64_t> DurableUntilMs();

  // Redis' own time now.
  absl::StatusOr<int64_t> NowMs();

 private:
  Redis redis_;
  int64_t durable_until_ms_ = 0;
  absl::Time asked_at_;
};

// One ended document or item, waiting for the sink.
struct Result {
  // Stream id.
  std::string id;
  v1::Terminal terminal;
  // Null for unreadable input.
  std::shared_ptr<const v1::Document> document;
};

// What the sink reads and commits: a lane's terminals in stream order. One sink per job, by its own lock on disk.
// Thread-compatible; owns one connection.
class Results {
 public:
  Results(RedisOptions redis, std::string job_id, uint32_t lanes);

  // Up to `limit` terminals of `lane` after stream id `after` ("" from the beginning) that were written before
  // `durable_until_ms`, with their documents.
  absl::StatusOr<std::vector<Result>> Read(uint32_t lane, std::string_view after, size_t limit,
                                           int64_t durable_until_ms);

  // Number of the last commit of `lane`; 0 before the first.
  absl::StatusOr<uint64_t> CommitNumber(uint32_t lane);

  // In one script: deletes the results up to and including `last_id`, drops their references (and documents that
  // nothing refers to any more), counts each as ended, stores `commit`. Must be exactly the last commit number + 1;
  // the same number again is OK and does nothing (its reply may have been lost). `results` are those read, in order.
  absl::Status Commit(uint32_t lane, uint64_t commit, const std::vector<Result>& results);

 private:
  Redis redis_;
  const std::string job_id_;
  const uint32_t lanes_;
};

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
