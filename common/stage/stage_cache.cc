#include "common/stage/stage_cache.h"

#include <algorithm>

#include "common/base/config/job_spec.h"
#include "common/base/error.h"

namespace quern::stage {

absl::StatusOr<std::shared_ptr<Stage>> StageCache::Get(const v1::JobSpec& resolved) {
  absl::MutexLock lock(&mutex_);
  return Find(resolved, nullptr);
}

absl::StatusOr<std::shared_ptr<Stage>> StageCache::Get(const std::shared_ptr<const v1::JobSpec>& spec) {
  absl::MutexLock lock(&mutex_);
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.spec == spec; });
  if (known == entries_.end()) return Find(*spec, spec);
  entries_.splice(entries_.begin(), entries_, known);
  return entries_.front().stage;
}

absl::StatusOr<std::shared_ptr<Stage>> StageCache::Find(const v1::JobSpec& resolved,
                                                        std::shared_ptr<const v1::JobSpec> owner) {
  std::string hash = config::WholeSpecHash(resolved);
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.hash == hash; });
  if (known != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, known);
    if (owner != nullptr) known->spec = std::move(owner);
    return known->stage;
  }
  QUERN_ASSIGN_OR_RETURN(std::shared_ptr<Stage> stage, factory_(resolved));
  entries_.push_front({std::move(hash), std::move(owner), stage});
  if (entries_.size() > capacity_) entries_.pop_back();
  return stage;
}

}  // namespace quern::stage
