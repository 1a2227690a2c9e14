#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/dataset/dataset_writer.h"
#include "common/queue/durability_clock.h"
#include "common/queue/job_store.h"
#include "common/queue/results.h"
#include "common/service/job_metrics.h"
#include "quern/v1/job.pb.h"
#include "services/pipeline/lane_buffer.h"
#include "services/pipeline/options.h"
#include "services/pipeline/terminal_row.h"

namespace quern::pipeline {

// Moves the durable results of one job from Redis into its dataset. Invariants:
//  1. only results that a crash of Redis cannot undo are read;
//  2. a commit is on disk, with its number in the manifest, before Redis deletes its results;
//  3. a commit that the manifest has and Redis has not is rolled back before anything is read (its results are still in
//     Redis, or Redis lost them and the work is repeated), so a terminal is never in the dataset twice.
// After any error the object is of no more use: open a new one, which starts from what Redis has committed. Blocking;
// thread-compatible.
class JobSink {
 public:
  enum class Progress {
    // Nothing to do now.
    kIdle,
    // There may be more at once.
    kBusy,
    // The job has ended and its dataset is final.
    kFinal,
    // The job is gone from Redis or being deleted.
    kGone,
  };

  // Locks the dataset and makes it agree with Redis. FAILED_PRECONDITION, reason DATASET_BEHIND: the dataset lacks
  // commits that Redis has made, so rows are lost; reasons of DatasetWriter::Open. The pointers outlive it.
  static absl::StatusOr<std::unique_ptr<JobSink>> Open(const PipelineOptions& options, const v1::Job& job,
                                                       queue::JobStore* store, queue::DurabilityClock* clock,
                                                       service::JobMetrics* metrics);

  // One round: reads what is durable, commits what is due, and, when the job has ended, finishes the dataset once that
  // is durable too.
  absl::StatusOr<Progress> Step(int64_t durable_until_ms, absl::Time now);

  // Commits all that was read, however little it is.
  absl::Status CommitAll();

  // True while nothing that was read waits to be committed.
  bool caught_up() const;
  // The state in which the job ended, once its dataset is final.
  v1::JobState final_state() const { return final_state_; }

 private:
  struct Lane {
    LaneBuffer buffer;
    // The last commit, in Redis and on disk.
    uint64_t commit = 0;
    // Up to here the commits are durable in Redis; commits after it with Redis' time after they were made.
    uint64_t durable_commit = 0;
    std::deque<std::pair<uint64_t, int64_t>> volatile_commits;
  };

  JobSink(const PipelineOptions& options, std::string job_id, const v1::Job& job, queue::JobStore* store,
          queue::DurabilityClock* clock, service::JobMetrics* metrics, std::unique_ptr<dataset::DatasetWriter> writer);

  absl::Status AgreeWithRedis();
  // What it reads becomes rows at once, so that a lane holds its compressed rows until its commit, and little else.
  absl::StatusOr<bool> ReadLanes(int64_t durable_until_ms, absl::Time now);
  void AppendRow(uint32_t lane, absl::Time now, queue::Result* result);
  absl::StatusOr<bool> CommitDue(absl::Time now);
  absl::Status CommitLane(uint32_t lane);
  // Asks Redis for the counts after the commits so far, which the manifest gets with its next version.
  absl::Status TakeCounts();
  // Joins small shards of durable commits once there are many, so that the manifest of a long job stays short.
  absl::Status CompactNowAndThen(int64_t durable_until_ms);
  absl::Status Compact();
  // Whether the records on disk, and those that only need a commit, are as many as the job wants.
  bool HasTarget() const;
  absl::Status ReachTarget();
  // What is in flight beside the results that were read.
  enum class Left { kWork, kResults, kNothing };
  absl::StatusOr<Left> LeftInFlight();
  absl::StatusOr<Progress> TryFinish();
  absl::StatusOr<Progress> Settle(int64_t durable_until_ms, absl::Time now);
  // OK while Redis' commit numbers are ours; ABORTED, reason ROLLED_BACK, when it lost commits.
  absl::Status CheckCommitNumbers();

  const std::string job_id_;
  const RowContext row_context_;
  const CommitLimits limits_;
  queue::JobStore* const store_;
  queue::DurabilityClock* const clock_;
  service::JobMetrics* const metrics_;
  queue::Results results_;
  std::unique_ptr<dataset::DatasetWriter> writer_;
  std::vector<Lane> lanes_;
  v1::JobCounts counts_;
  // Records that the job wants; 0: all.
  const uint64_t target_;
  // Shards at which compaction is due next.
  size_t compact_at_ = 0;
  // When the end was seen, in Redis' time; 0 while the job goes on.
  int64_t ended_at_ms_ = 0;
  v1::JobState final_state_ = v1::JOB_STATE_UNSPECIFIED;
  // When Redis was asked last whether anything else is in flight, or told to hasten.
  absl::Time asked_at_;
};

}  // namespace quern::pipeline
