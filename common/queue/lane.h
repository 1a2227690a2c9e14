#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/queue/job_hold.h"
#include "common/queue/keys.h"
#include "quern/v1/job.pb.h"
#include "quern/v1/work.pb.h"

namespace quern::queue {

// Redis' clock, as it was compared with this machine's last: times in the queue are Redis' own, so that a machine whose
// clock is wrong neither waits too long nor starts too early. Thread-safe.
class ServerClock {
 public:
  void Set(int64_t server_ms) { offset_ms_ = server_ms - absl::ToUnixMillis(absl::Now()); }
  int64_t NowMs() const { return absl::ToUnixMillis(absl::Now()) + offset_ms_; }

 private:
  std::atomic<int64_t> offset_ms_ = 0;
};

// A job as one stage's consumer sees it. Thread-safe.
class RunningJob {
 public:
  RunningJob(std::string id_in, std::string created_ms_in, std::shared_ptr<const v1::JobSpec> spec)
      : id(std::move(id_in)), created_ms(std::move(created_ms_in)), spec_(std::move(spec)) {}

  const std::string id;
  // When it was created: tells a job from an earlier one of the same id.
  const std::string created_ms;
  const std::shared_ptr<JobHold> hold = std::make_shared<JobHold>();
  // When somebody resumed it last (Redis' time), 0 for never: what it waits for since before that may be mended.
  std::atomic<int64_t> resumed_ms = 0;

  // Another object whenever how the job's models are reached has changed.
  std::shared_ptr<const v1::JobSpec> spec() const {
    absl::MutexLock lock(&mutex_);
    return spec_;
  }
  void SetSpec(std::shared_ptr<const v1::JobSpec> spec) {
    absl::MutexLock lock(&mutex_);
    spec_ = std::move(spec);
  }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const v1::JobSpec> spec_ ABSL_GUARDED_BY(mutex_);
};

// One stage's stream in one lane of a running job. Shared by the entries that were read from it. Thread-safe.
struct Lane {
  Lane(std::shared_ptr<const RunningJob> job_in, uint32_t index_in, v1::StageName stage_in,
       std::shared_ptr<const ServerClock> clock_in)
      : job(std::move(job_in)), keys(job->id, index_in), stage(stage_in), clock(std::move(clock_in)) {}

  const std::shared_ptr<const RunningJob> job;
  const LaneKeys keys;
  const v1::StageName stage;
  const std::shared_ptr<const ServerClock> clock;
  // As it was read last.
  std::atomic<v1::JobState> state = v1::JOB_STATE_UNSPECIFIED;

  // What a command told in passing. That a job runs again is left to JobDirectory, which then also knows its spec and
  // when it was resumed: work that started before would do so by what somebody has just corrected.
  void Saw(v1::JobState seen) {
    if (seen != v1::JOB_STATE_RUNNING) state = seen;
  }

  // Whether work may be started.
  bool open() const { return state == v1::JOB_STATE_RUNNING && !job->hold->on(); }
};

// An entry of a stage's stream that this consumer holds.
struct Entry {
  std::shared_ptr<Lane> lane;
  // Stream id.
  std::string id;
  // Its key alone (document, ordinal, expanded, generation) from TakeItem to RestoreItem.
  v1::WorkItem item;
  bool item_is_taken = false;
  // The v1::QueueEntry as Redis has it.
  std::string payload;
  // Handled errors so far.
  uint32_t attempts = 0;
  // Deliveries, the one that is about to start included.
  uint32_t deliveries = 1;
  // False while Redis has not counted that delivery yet.
  bool counted = true;
  // Not to be started before this Redis time, unless the job was resumed after the entry was written.
  int64_t not_before_ms = 0;
  // DocumentHash of its document, 0 when it is not known.
  uint64_t document_hash = 0;
};

}  // namespace quern::queue
