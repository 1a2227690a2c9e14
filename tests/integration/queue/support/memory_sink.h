#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/queue/durability_clock.h"
#include "common/queue/job_store.h"
#include "common/queue/results.h"
#include "quern/v1/record.pb.h"

namespace quern::testing {

// A sink that keeps its shards in memory and follows the rules of the real one: it publishes a shard, then commits;
// when Redis is behind, it takes back what is newer and writes it again from the results that Redis has.
// Thread-compatible.
class MemorySink {
 public:
  struct Row {
    // "{document}" or "{document}#{ordinal}", and "@{generation}" for generations after the first.
    std::string key;
    // record, rejected, dead or cancelled.
    std::string kind;
    queue::Result result;
  };

  // `wait_until_durable` false: takes results at once, as behind a Redis that cannot roll back.
  MemorySink(queue::RedisOptions redis, std::string job, uint32_t lanes, bool wait_until_durable);

  // Publishes and commits up to `limit` results of each lane. Returns how many.
  absl::StatusOr<size_t> Step(size_t limit = 1000);

  // Steps until the job has ended; fails the test after `longest`.
  void RunUntilEnded(absl::Duration longest);

  // As a crash between publishing and committing would: the next Step publishes and does not commit.
  void SkipNextCommit() { skip_commit_ = true; }

  std::vector<Row> Rows() const;
  // Keys of all rows of one kind, or of all kinds (""). Fails the test when a key stands twice.
  std::set<std::string> Keys(const std::string& kind = "") const;
  // Dead letters as the dataset would tell them.
  std::vector<v1::DeadLetterRow> DeadLetters() const;
  uint64_t rollbacks() const { return rollbacks_; }

 private:
  struct Shard {
    uint64_t commit;
    std::vector<Row> rows;
  };

  absl::StatusOr<size_t> StepLane(uint32_t lane, size_t limit);
  absl::Status FollowRedis(uint32_t lane);

  const std::string job_;
  const uint32_t lanes_;
  const bool wait_until_durable_;
  queue::Results results_;
  queue::DurabilityClock clock_;
  queue::JobStore jobs_;
  std::vector<std::vector<Shard>> shards_;
  bool skip_commit_ = false;
  uint64_t rollbacks_ = 0;
};

}  // namespace quern::testing
