#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/queue/durability_clock.h"
#include "common/queue/job_store.h"
#include "common/service/job_metrics.h"
#include "services/pipeline/job_sink.h"
#include "services/pipeline/options.h"

namespace quern::pipeline {

// Writes the datasets of all jobs: finds those that are active, gives each a JobSink and moves them all, round by
// round, on one thread of its own. Nothing that goes wrong (disk full, Redis away, folder in use) fails a job: the sink
// gives its JobSink up, says why, waits and begins again from what is committed. Thread-safe.
class Sink {
 public:
  // `metrics` outlives it.
  Sink(const PipelineOptions& options, service::JobMetrics* metrics);
  // Stops at once.
  ~Sink();

  void Start();
  // Ends the thread after its present round, once what was read is committed or `deadline` has come. What is not
  // committed stays in Redis. Idempotent.
  void Stop(absl::Time deadline);

  // Something has changed that the sink may want to know soon.
  void Wake();
  // Lets go of a job's dataset, after the round under way; the job must not be active any more.
  void Release(const std::string& job_id);
  // Why this job's dataset is not being written, "" when nothing hinders it.
  std::string Hindrance(const std::string& job_id) const;
  // True once the dataset of a job that ended in `state` is final. Looks at the disk when it does not know.
  bool IsFinal(const std::string& job_id, v1::JobState state);

 private:
  // When a job that was hindered is tried again, and after how long the next time.
  struct Hindered {
    std::string message;
    absl::Time again_at;
    absl::Duration pause;
  };
  using Jobs = std::map<std::string, std::unique_ptr<JobSink>>;

  void Run();
  absl::Status Round() ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mutex_);
  absl::Status FindEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mutex_);
  absl::Status OpenNew(const std::set<std::string>& wanted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mutex_);
  bool Advance(std::string id, JobSink* job, int64_t durable_until_ms) ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mutex_);
  void CommitAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mutex_);

  void Close(std::string id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(round_mutex_);
  bool MayTry(const std::string& job_id, absl::Time now) const;
  void SetHindrance(const std::string& job_id, const absl::Status& status);
  void ClearHindrance(const std::string& job_id);

  const PipelineOptions options_;
  service::JobMetrics* const metrics_;

  // Held for a whole round.
  absl::Mutex round_mutex_;
  queue::JobStore store_ ABSL_GUARDED_BY(round_mutex_);
  queue::DurabilityClock clock_ ABSL_GUARDED_BY(round_mutex_);
  Jobs jobs_ ABSL_GUARDED_BY(round_mutex_);
  // Jobs that have ended while their dataset was not final yet.
  std::set<std::string> ended_ ABSL_GUARDED_BY(round_mutex_);
  bool find_ended_ ABSL_GUARDED_BY(round_mutex_) = true;

  // Held for moments.
  mutable absl::Mutex mutex_;
  std::map<std::string, Hindered> hindered_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, v1::JobState> final_ ABSL_GUARDED_BY(mutex_);
  // The keys of jobs_: these datasets are being written.
  std::set<std::string> open_ ABSL_GUARDED_BY(mutex_);
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time stop_deadline_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace quern::pipeline
