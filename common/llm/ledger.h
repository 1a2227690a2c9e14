#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
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

  // The same as if what is under way were spent already.
  virtual absl::Status CheckWith(const std::string& job, const v1::ModelUsage& under_way) = 0;
};

}  // namespace quern::llm
