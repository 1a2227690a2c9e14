#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/llm/call_observer.h"

namespace quern::cli {

// What a document took of one model at one stage.
struct DocumentUsage {
  // Calls that were answered.
  uint64_t calls = 0;
  llm::Usage tokens;
  double cost = 0;
  // Time that its requests, those that failed included, held a place at the model's server.
  absl::Duration busy;
  // Replies of the cache, and what they took when they were asked for, at this job's prices. Not part of the above.
  uint64_t reused = 0;
  llm::Usage reused_tokens;
  double reused_cost = 0;

  DocumentUsage& operator+=(const DocumentUsage& other);
};

// Keeps apart what each document takes of models. Thread-safe.
class UsageByDocument : public llm::CallObserver {
 public:
  struct Asked {
    std::string stage;
    std::string model;
    bool operator<(const Asked& other) const { return std::tie(stage, model) < std::tie(other.stage, other.model); }
  };
  using Usages = std::map<Asked, DocumentUsage>;

  void Observe(const llm::CallReport& report) override;
  void ObserveReuse(const llm::ReuseReport& report) override;

  // By the document's id.
  std::map<std::string, Usages> usages() const;

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, Usages> usages_ ABSL_GUARDED_BY(mutex_);
};

// All documents together.
UsageByDocument::Usages SumOf(const std::map<std::string, UsageByDocument::Usages>& usages);

}  // namespace quern::cli
