#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/queue/redis.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/pipeline.pb.h"

namespace quern::queue {

// Takes documents into a job's lanes. Idempotent by position. Thread-compatible; owns one connection.
class Ingest {
 public:
  // What became of one call of Store.
  struct Result {
    // Everything at or before it is stored.
    uint64_t accepted_position = 0;
    // The job holds as much as it may: nothing after accepted_position was taken. Try again soon.
    bool full = false;
    // Offered again with the same content: counted, not accepted.
    uint64_t duplicates = 0;
    // Same id as an earlier document, other content: accepted and dead, as "{id}~{first 16 digits of
    // ContentHash(text)}".
    uint64_t conflicts = 0;
    // Redis' time after the last of these entries was stored: what DurabilityClock tells is strictly after it, once
    // they are durable.
    int64_t stored_at_ms = 0;
  };

  Ingest(RedisOptions redis, std::string job_id, v1::JobSpec spec, std::string source);

  // Position up to which the source is stored: the minimum over lanes. Ask first, and after every ABORTED.
  absl::StatusOr<uint64_t> Position();

  // Stores entries (positions growing) after the stored position; skips those at or before it. Documents must be valid:
  // non-empty id and text. Unreadable entries become dead letters. NOT_FOUND, FAILED_PRECONDITION (JOB_ENDED,
  // INPUT_CLOSED, TARGET_REACHED). ABORTED (POSITION_LOST): Redis lost what had been stored; nothing more is stored,
  // else there would be a gap, until Position() has told from where to go on. UNAVAILABLE: the outcome is unknown, and
  // sending the same entries again is safe.
  absl::StatusOr<Result> Store(const std::vector<v1::IngestEntry>& entries);

 private:
  // What the entries of one call to Redis have in common with those of the next: see ingest.lua.
  struct LaneBatch;

  LaneBatch MakeBatch(uint32_t lane, const std::vector<const v1::IngestEntry*>& entries, uint64_t upto) const;
  // Sends a batch, once more with its conflicting documents renamed where there are any.
  absl::Status Send(LaneBatch& batch, Result* result);
  absl::Status PositionLost() const;
  absl::Status SendOnce(LaneBatch& batch, Result* result, std::vector<size_t>* conflicts);

  Redis redis_;
  const std::string job_id_;
  const v1::JobSpec spec_;
  const std::string source_;
  const uint32_t lanes_;
  // Up to where each lane has stored the source, as Redis told last. Empty until it was asked.
  std::vector<uint64_t> stored_;
  bool lost_ = false;
};

}  // namespace quern::queue
