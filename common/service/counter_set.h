#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>

#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/service/metrics.h"

namespace quern::service {

// Counters of calls to models, by stage, model and, where the family has one, one label more. Remembers those that it
// found: a family's own look-up builds and hashes a map of labels, which takes microseconds for each call. Thread-safe.
class CounterSet {
 public:
  // `metrics` outlives it. `label`: the third one's name, or "".
  CounterSet(Metrics* metrics, const char* name, const char* help, const char* label = "");

  void Add(std::string_view stage, std::string_view model, double by, std::string_view value = "");

 private:
  prometheus::Family<prometheus::Counter>& family_;
  const std::string label_;
  absl::Mutex mutex_;
  // By stage, model and value, each closed by a NUL.
  absl::flat_hash_map<std::string, prometheus::Counter*> found_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::service
