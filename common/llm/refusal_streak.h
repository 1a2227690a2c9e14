#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/llm/reply.h"

namespace quern::llm {

// Tells a server that cannot do with a stage's requests from one that turns a document away: looks at what the calls of
// one stage of a job bring, by endpoint. Thread-safe.
class RefusalStreak {
 public:
  // So many replies in a row that blame the request, and no completion between, are for a person: the reading's verdict
  // becomes kForAPerson and its message says so. A streak that paused for long begins anew.
  void Judge(const std::string& endpoint, absl::Time now, Reading* reading);

  // Whether the endpoint has ever completed a call of the stage's. Before that a refusal says nothing of the document.
  bool HasAnswered(const std::string& endpoint) const;

 private:
  struct Streak {
    int in_a_row = 0;
    absl::Time last = absl::InfinitePast();
    bool has_answered = false;
  };

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Streak> by_endpoint_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::llm
