#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/llm/batches.h"
#include "common/llm/call_observer.h"
#include "common/llm/document_frames.h"
#include "common/llm/endpoint.h"
#include "common/llm/http_client.h"
#include "common/llm/ledger.h"
#include "common/llm/pacer.h"
#include "common/llm/reply_cache.h"
#include "common/llm/sleeper.h"
#include "quern/v1/llm.pb.h"

namespace quern::llm {

// What all calls to models of one process share: the HTTP client, the endpoints with their flow control, who keeps the
// spending, who counts, who keeps to limits per minute, the replies that are kept, and the frames of documents.
// Outlives every Client made on it. Thread-safe.
class Hub {
 public:
  // Each pointer may be null: nobody keeps spending, nobody counts, calls are as many per minute as they come, no reply
  // is kept, models with `batch` are called one by one. They outlive the hub. `key_dir` is for ReadModelKey.
  Hub(Ledger* ledger, CallObserver* observer, RateLimits* limits = nullptr, ReplyCache* replies = nullptr,
      Batches* batches = nullptr, std::string key_dir = "")
      : ledger_(ledger),
        observer_(observer),
        replies_(replies),
        batches_(batches),
        key_dir_(std::move(key_dir)),
        pacer_(limits == nullptr ? nullptr : std::make_unique<Pacer>(limits)) {}

  // The replica of a model. Jobs that name it alike share it.
  std::shared_ptr<Endpoint> EndpointFor(const v1::ModelSpec& model, const std::string& base_url);

  // Calls that wait to be sent fail with DRAINING; those in flight go on to their end. Idempotent.
  void Stop();

  // For metrics.
  std::vector<std::shared_ptr<const Endpoint>> endpoints() const;

  HttpClient& http() { return http_; }
  DocumentFrames& frames() { return frames_; }
  const Sleeper& sleeper() const { return sleeper_; }
  Ledger* ledger() const { return ledger_; }
  CallObserver* observer() const { return observer_; }
  // Null: nobody keeps to limits.
  Pacer* pacer() const { return pacer_.get(); }
  // Null: no reply is kept.
  ReplyCache* replies() const { return replies_; }
  Batches* batches() const { return batches_; }
  const std::string& key_dir() const { return key_dir_; }

 private:
  Ledger* const ledger_;
  CallObserver* const observer_;
  ReplyCache* const replies_;
  Batches* const batches_;
  const std::string key_dir_;
  Sleeper sleeper_;
  const std::unique_ptr<Pacer> pacer_;
  DocumentFrames frames_;
  mutable absl::Mutex mutex_;
  // By base URL and the model's whole specification: the same server with another key or limit is another endpoint.
  absl::flat_hash_map<std::string, std::shared_ptr<Endpoint>> endpoints_ ABSL_GUARDED_BY(mutex_);
  // Last: its coroutines use what stands above.
  HttpClient http_;
};

}  // namespace quern::llm
