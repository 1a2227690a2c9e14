#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/completion.h"
#include "common/llm/hub.h"
#include "common/llm/rate_limits.h"
#include "quern/v1/llm.pb.h"

namespace quern::llm {

// A model of a job, ready to be asked. Thread-safe.
class Model {
 public:
  // `spec` is resolved. INVALID_ARGUMENT, reason INVALID_SPEC: its key is not to be had; names variable or file.
  static absl::StatusOr<std::shared_ptr<Model>> Make(Hub* hub, const v1::ModelSpec& spec);

  const v1::ModelSpec& spec() const { return spec_; }
  const std::vector<std::shared_ptr<Endpoint>>& replicas() const { return replicas_; }
  // The limits per minute that its calls share, with those of other jobs and processes.
  const RateAccount& account() const { return account_; }
  // Of every request, "Name: value" each: the key, where the model has one, and the spec's own.
  std::vector<std::string> Headers();
  bool has_key() const { return !spec_.api_key_env().empty() || !spec_.api_key_file().empty(); }
  // The key was refused: the next call reads it again, because somebody may renew it meanwhile.
  void KeyRefused();
  // In the budget's currency.
  double Cost(const Usage& usage) const;

 private:
  Model(v1::ModelSpec spec, std::string key_dir)
      : spec_(std::move(spec)), key_dir_(std::move(key_dir)), account_(RateAccountOf(spec_)) {}

  const v1::ModelSpec spec_;
  const std::string key_dir_;
  const RateAccount account_;
  std::vector<std::shared_ptr<Endpoint>> replicas_;
  absl::Mutex mutex_;
  std::string key_ ABSL_GUARDED_BY(mutex_);
  bool key_refused_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace quern::llm
