#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/service/stage_metrics.h"
#include "common/stage/stage.h"

namespace quern::stage {

// Runs one stage's Process on threads of its own and keeps the stages that it made, one for each spec. The RPC handlers
// and the queue's worker share it. Thread-safe.
class Runner {
 public:
  using Done = std::function<void(Outcome outcome)>;

  // `metrics` outlives it. `threads` is 1 or more.
  Runner(v1::StageName stage, StageFactory factory, size_t threads, service::StageMetrics* metrics);
  // Waits for what runs.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  v1::StageName stage() const;

  // The stage for a spec as a user gives it (defaults are filled here). INVALID_ARGUMENT, reason INVALID_SPEC.
  absl::StatusOr<std::shared_ptr<Stage>> StageFor(const v1::JobSpec& spec);

  // The stage for a job of the queue; looked up by `spec`'s address first, which costs no hash.
  absl::StatusOr<std::shared_ptr<Stage>> StageFor(const std::shared_ptr<const v1::JobSpec>& spec);

  // Starts Process on the pool and returns; `done` is called once, on one of its threads. An exception comes out as a
  // fault of the item with reason INTERNAL_ERROR. Once stopped, `done` gets a fault of the environment, reason
  // DRAINING, at once.
  void Run(std::shared_ptr<Stage> stage, StageInput input, Done done);

  // Starts nothing more. Idempotent.
  void Stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace quern::stage
