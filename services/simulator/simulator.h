#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "services/simulator/answers.h"
#include "services/simulator/batches.h"
#include "services/simulator/chat_request.h"
#include "services/simulator/known_answers.h"
#include "services/simulator/options.h"
#include "services/simulator/prefix_cache.h"
#include "services/simulator/rate_limit.h"
#include "services/simulator/reply.h"
#include "services/simulator/witness.h"

namespace quern::simulator {

// What a request is to the simulator.
struct HttpQuery {
  std::string_view method;
  std::string_view target;
  // Headers, or "".
  std::string_view authorization;
  std::string_view traceparent;
  std::string body;
};

// A model's server without the sockets: from a request to what becomes of it. Replies follow from the prompt, the seeds
// and how often the prompt came before; limits and numbered faults from the order of the requests too. Thread-safe;
// blocks no longer than an answer takes to make.
class Simulator {
 public:
  // `witness` may be null.
  Simulator(Options options, std::unique_ptr<Witness> witness);

  Reply Handle(HttpQuery query);

 private:
  // A request that was understood.
  struct Call {
    ChatRequest request;
    Prompt prompt;
    uint64_t prompt_hash = 0;
    uint64_t repetition = 0;
    // Follow from the prompt, the seeds and the repetition.
    uint64_t sample = 0;
    uint64_t random = 0;
    // No limit of the moment holds for it.
    bool in_batch = false;
  };

  Reply Chat(HttpQuery& query, bool in_batch);
  Reply Respond(HttpQuery& query, Call& call, WitnessEntry& entry);
  bool IsAuthorised(std::string_view authorization) const;
  void Recognise(Call& call);
  // Why the server turns the call away; nullopt when it does not.
  std::optional<Reply> Refusal(const Call& call);
  std::optional<Reply> OverLimit(const Call& call);
  Reply Complete(const Call& call, Fault fault, WitnessEntry& entry);

  const Options options_;
  const std::unique_ptr<Witness> witness_;
  KnownAnswers known_;
  const std::unique_ptr<Answers> answers_;
  PrefixCache cache_;
  Batches batches_;
  std::atomic<uint64_t> sequence_ = 0;
  std::atomic<size_t> in_flight_ = 0;
  absl::Mutex mutex_;
  TokenBucket requests_ ABSL_GUARDED_BY(mutex_);
  TokenBucket tokens_ ABSL_GUARDED_BY(mutex_);
  // How often each prompt came with each seed, by the hash of both.
  absl::flat_hash_map<uint64_t, uint32_t> repetitions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quern::simulator
