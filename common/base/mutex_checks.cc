#include "common/base/mutex_checks.h"

#include "absl/synchronization/mutex.h"

namespace quern {

void StopMutexChecks() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

}  // namespace quern
