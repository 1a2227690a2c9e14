#pragma once

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/queue/job_store.h"
#include "common/service/job_metrics.h"
#include "services/pipeline/options.h"

namespace quern::pipeline {

// Looks at all jobs every few seconds: exports their counts and how Redis stands, and removes from Redis those that
// ended longer ago than the retention. Waits out a Redis that is away. Owns one thread. Thread-compatible.
class Housekeeper {
 public:
  // `metrics` outlives it.
  Housekeeper(const PipelineOptions& options, service::JobMetrics* metrics);
  ~Housekeeper();

  void Start();
  // Idempotent.
  void Stop();

  // One look, as of `now`. For the thread and for tests.
  absl::Status Look(absl::Time now);

 private:
  const PipelineOptions options_;
  service::JobMetrics* const metrics_;
  queue::JobStore store_;
  queue::Redis redis_;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace quern::pipeline
