#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "quern/v1/llm.pb.h"

namespace quern::llm {

// Who keeps a job's spending. Thread-safe.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // A call, or a try of one, was made for a job. Does not block.
  virtual void Add(const std::string& job, std::string_view stage, std::string_view model,
                   const v1::ModelUsage& usage) = 0;

  // OK, or RESOURCE_EXHAUSTED with reason BUDGET_SPENT when the job has reached a cap: what was spent, and the cap. As
  // known to this process; others' calls, and a cap that was raised, show within a second. UNAVAILABLE: not known now.
  // Blocks for a job's first call, and before it refuses.
  virtual absl::Status Check(const std::string& job) = 0;

  // How a call stands to its job's budget.
  enum class Room {
    // The job has no budget.
    kUncapped,
    // The call may be made: what it is expected to take at most is reserved until Release.
    kReserved,
    // Calls of this process that are under way may take all that is left: ask again when some of them have ended.
    kNone,
  };
  // Before a call that is expected to take `most` at most (input and output tokens, cost). Errors and blocking as in
  // Check; so too when nothing is under way and the call might take more than what is left.
  virtual absl::StatusOr<Room> Reserve(const std::string& job, const v1::ModelUsage& most) = 0;
  // What was reserved for a call that has ended, after Add of what it took. Does not block.
  virtual void Release(const std::string& job, const v1::ModelUsage& most) = 0;

  // Check, as if what is under way, and what is reserved, were spent already.
  virtual absl::Status CheckWith(const std::string& job, const v1::ModelUsage& under_way) = 0;
};

}  // namespace quern::llm
