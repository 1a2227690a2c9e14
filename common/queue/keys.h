#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "quern/v1/work.pb.h"

// Every name that the queue has in Redis.
namespace quern::queue {

// Consumer group of every stage's stream.
inline constexpr std::string_view kGroup = "workers";
// Owns entries that were handed back and wait for anybody. No consumer has this name.
inline constexpr std::string_view kNobody = "~";
// Idle time that such entries get: a year, longer than any lease and any outage, so that they are told from what live
// workers hold.
inline constexpr int64_t kHandedBackIdleMs = int64_t{365} * 24 * 3600 * 1000;
// Sorted set of all job ids (score 0), and the set of those that are running, paused or being cancelled.
inline constexpr std::string_view kJobsKey = "quern:jobs";
inline constexpr std::string_view kActiveKey = "quern:active";

// Hash of one job: spec, spec_version, spec_hash, budget, created_ms, finished_ms, resumed_ms, dataset_path, reason.
std::string JobKey(std::string_view job);

// Hash of what a job has spent on models: "stage model field" to a number.
std::string SpendKey(std::string_view job);

// Hash of what is left of an account's limits per minute: calls, tokens, at (Redis' time in seconds).
std::string RateKey(std::string_view account);

// String, while an endpoint (EndpointName) does not answer: why.
std::string EndpointDownKey(std::string_view endpoint);

// Hash of a job's batches: "token field" to a value; fields are owner, touched_ms, endpoint and id. Hash of their
// calls: a call's id to its batch's token, with a "+" behind it once its reply was taken.
std::string BatchesKey(std::string_view job);
std::string BatchCallsKey(std::string_view job);

// The keys of one lane. They share the hash tag {JOB:LANE}, hence one slot of a Redis Cluster.
struct LaneKeys {
  LaneKeys(std::string_view job, uint32_t lane);

  // The stream that `stage` (FILTER to VERIFIER) reads.
  const std::string& stream(v1::StageName stage) const;
  // Where what `stage` finishes goes on: the next stage's stream, or results.
  const std::string& next(v1::StageName stage) const;

  // Hash: state (a JobState), closed (1 once input is closed), target (1 once the job has the records that it wanted, 0
  // when it was redriven after that),
  // commit (number of the sink's last commit).
  std::string state;
  std::string filter, persona, generator, verifier;
  // Stream of terminals.
  std::string results;
  // Hash: document id to zstd-compressed v1::Document.
  std::string documents;
  // Hash: document id to number of references, for those with more than one.
  std::string references;
  // Hash: 12-byte hash of an id to 8-byte hash of its content, of every document accepted.
  std::string seen;
  // Hash: source to the position up to which it is stored.
  std::string positions;
  // Hash: "document id#ordinal" to the highest generation that was redriven.
  std::string redriven;
  // Hash of counters by name.
  std::string counts;
  // Hashes of counters by "kind:stage:reason" (kind is rejected or dead), and of records by domain.
  std::string reasons, domains;
};

// Which lane a document belongs to. `lanes` is 1 or more.
uint32_t LaneOf(std::string_view document_id, uint32_t lanes);

}  // namespace quern::queue
