#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/call_observer.h"
#include "common/llm/endpoint.h"
#include "common/llm/http_client.h"
#include "common/llm/ledger.h"
#include "common/llm/sleeper.h"
#include "quern/v1/llm.pb.h"

namespace quern::llm {

// What all calls to models of one process share: the HTTP client, the endpoints with their flow control, who keeps the
// spending and who counts. Outlives every Client made on it. Thread-safe.
class Hub {
 public:
  // Both may be null: nobody keeps spending, nobody counts. They outlive the hub.
  Hub(Ledger* ledger, CallObserver* observer) : ledger_(ledger), observer_(observer) {}

  // The replica of a model. Jobs that name it alike share it.
  std::shared_ptr<Endpoint> EndpointFor(const v1::ModelSpec& model, const std::string& base_url);

  // Calls that wait to be sent fail with DRAINING; those in flight go on to their end. Idempotent.
  void Stop();

  // For metrics.
  std::vector<std::shared_ptr<const Endpoint>> endpoints() const;

  HttpClient& http() { return http_; }
  const Sleeper& sleeper() const { return sleeper_; }
  Ledger* ledger() const { return ledger_; }
  CallObserver* observer() const { return observer_; }

 private:
  Ledger* const ledger_;
  CallObserver* const observer_;
  Sleeper sleeper_;
  mutable absl::Mutex mutex_;
  // By base URL and the model's whole specification: the same server with another key or limit is another endpoint.
  absl::flat_hash_map<std::string, std::shared_ptr<Endpoint>> endpoints_ ABSL_GUARDED_BY(mutex_);
  // Last: its coroutines use what stands above.
  HttpClient http_;
};

}  // namespace quern::llm
