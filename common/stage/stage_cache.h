#pragma once

#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/stage/stage.h"

namespace quern::stage {

// Keeps the stages that were made last, by the hash of their spec, so that a spec is checked and compiled once and not
// per item. Thread-safe.
class StageCache {
 public:
  // `capacity` stages are kept; one that is dropped lives on while somebody uses it.
  StageCache(StageFactory factory, size_t capacity) : factory_(std::move(factory)), capacity_(capacity) {}

  // The stage for a resolved spec, made where it is missing. Errors are the factory's and are not kept.
  absl::StatusOr<std::shared_ptr<Stage>> Get(const v1::JobSpec& resolved);
  absl::StatusOr<std::shared_ptr<Stage>> Get(const std::shared_ptr<const v1::JobSpec>& spec);

 private:
  struct Entry {
    std::string hash;
    // The object that asked last, kept alive so that its address stands for it. Null: an RPC's.
    std::shared_ptr<const v1::JobSpec> spec;
    std::shared_ptr<Stage> stage;
  };

  absl::StatusOr<std::shared_ptr<Stage>> Find(const v1::JobSpec& resolved, std::shared_ptr<const v1::JobSpec> owner)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const StageFactory factory_;
  const size_t capacity_;
  absl::Mutex mutex_;
  // The last used first.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::stage
