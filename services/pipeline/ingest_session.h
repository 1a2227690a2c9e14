#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/dataset/input_limits.h"
#include "common/queue/durability_clock.h"
#include "common/queue/ingest.h"
#include "common/queue/redis.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/pipeline.pb.h"

namespace quern::pipeline {

// One client that sends one source of a job: checks entries, stores them, and knows what is accepted and what is
// durable. Two sessions on one source harm nothing, since what is at or before the stored position is skipped: they
// only work for each other. Blocking; thread-compatible.
class IngestSession {
 public:
  // Opens `source` of `job` at its stored position. INVALID_ARGUMENT, reason INVALID_SOURCE. A job whose input is
  // closed opens as well: its client learns what it holds.
  static absl::StatusOr<std::unique_ptr<IngestSession>> Open(const queue::RedisOptions& redis, const v1::Job& job,
                                                             const std::string& source);

  // Takes the entries of one message; they wait until Store has stored them. INVALID_ARGUMENT, reason
  // POSITIONS_NOT_GROWING: positions must grow from 1, over all messages of the stream; nothing of the message is
  // taken.
  absl::Status Take(v1::IngestDocumentsRequest* request);

  // Stores what waits. True when all of it is stored; false when the job is full: call again soon. FAILED_PRECONDITION,
  // reasons JOB_ENDED and INPUT_CLOSED: the job takes no more. UNAVAILABLE, reason POSITION_LOST: Redis lost what it
  // had stored, the client must open again; other UNAVAILABLE: the same, the outcome is unknown.
  absl::StatusOr<bool> Store();

  uint64_t accepted_position() const { return accepted_; }
  // Up to where the source survives a crash of Redis; asks Redis when that is not all that is accepted. UNAVAILABLE as
  // for Store.
  absl::StatusOr<uint64_t> DurablePosition();

 private:
  IngestSession(const queue::RedisOptions& redis, const v1::Job& job, dataset::InputLimits limits,
                const std::string& source);

  void Accepted(uint64_t position, int64_t stored_at_ms);

  const dataset::InputLimits limits_;
  queue::Ingest ingest_;
  queue::DurabilityClock clock_;
  uint64_t taken_ = 0;
  uint64_t accepted_ = 0;
  uint64_t durable_ = 0;
  std::vector<v1::IngestEntry> waiting_;
  // Positions that are accepted and not yet durable, with Redis' time at which they were stored.
  std::deque<std::pair<uint64_t, int64_t>> volatile_;
};

}  // namespace quern::pipeline
