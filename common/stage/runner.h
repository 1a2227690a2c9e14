#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/service/stage_metrics.h"
#include "common/stage/stage.h"

namespace boost::asio {
class thread_pool;
}  // namespace boost::asio

namespace quern::stage {

// Runs one stage's Process on a pool of threads and keeps the stages that it made, one for each spec. The RPC handlers
// and the queue's worker share it. Thread-safe.
class Runner {
 public:
  using Done = std::function<void(Outcome outcome)>;

  // `metrics` outlives it. `threads` may serve other runners too.
  Runner(v1::StageName stage, StageFactory factory, std::shared_ptr<boost::asio::thread_pool> threads,
         service::StageMetrics* metrics);
  // Waits for what runs; what was queued is not started. Not to be called on one of the threads.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  v1::StageName stage() const;

  // The stage for a resolved spec. INVALID_ARGUMENT: the stage does not have what the spec asks for.
  absl::StatusOr<std::shared_ptr<Stage>> StageFor(const v1::JobSpec& resolved);

  // The same for a job of the queue, whose spec is looked up by its address first, which costs no hash.
  absl::StatusOr<std::shared_ptr<Stage>> StageFor(const std::shared_ptr<const v1::JobSpec>& spec);

  // Starts Process on the pool and returns; `done` is called once, on one of its threads. An exception comes out as a
  // fault of the item, reason INTERNAL_ERROR. What could not be started by `deadline` is not started: a fault of the
  // environment, reason DEADLINE_EXCEEDED.
  void Run(std::shared_ptr<Stage> stage, StageInput input, Done done, absl::Time deadline = absl::InfiniteFuture());

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quern::stage
