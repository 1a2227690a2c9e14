#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/llm/completion.h"
#include "common/llm/http_client.h"

namespace quern::llm {

class Endpoint;
class Model;

// A call that may wait for a day, and goes out in a batch with others. Has a constructor because g++ 12 destroys
// aggregate temporaries twice in co_await.
struct BatchCall {
  BatchCall() = default;

  // Never empty: batches are kept for a job.
  std::string job;
  std::shared_ptr<Model> model;
  std::shared_ptr<Endpoint> endpoint;
  // Of the request.
  std::string body;
  // With the body this is the call's identity: asked again, in whatever process, it gets the reply that was paid.
  std::string repetition;
  // OK, or RESOURCE_EXHAUSTED: the budget is spent, or will be by so many prompt tokens that are under way.
  // Thread-safe.
  std::function<absl::Status(uint64_t tokens_under_way)> check_budget;
};

// What became of it.
struct BatchReply {
  BatchReply() = default;

  // There is no reply, and why.
  std::optional<Failure> failure;
  // As if the call had been made alone; without headers. `duration` is how long it waited.
  HttpReply reply;
  // The reply was taken before, by a process that crashed, and stands in the job's account.
  bool accounted = false;
};

// What is under way in batches, in this process.
struct BatchCounts {
  // Calls that wait for a batch to be sent.
  uint64_t calls_gathered = 0;
  // Calls in batches that have no answer yet, and these batches.
  uint64_t calls_sent = 0;
  uint64_t batches_sent = 0;
};

// Calls through providers' batch APIs. Thread-safe.
class Batches {
 public:
  virtual ~Batches() = default;

  // Waits until the call's batch has an answer to it. Resumes on the caller's executor.
  virtual boost::asio::awaitable<BatchReply> Ask(BatchCall call) = 0;

  // A fraction of a second old.
  virtual BatchCounts counts() const = 0;

  // All calls fail with DRAINING, now and later; batches under way stay where they are, for whoever asks again.
  // Idempotent.
  virtual void Stop() = 0;
};

}  // namespace quern::llm
