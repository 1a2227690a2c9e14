#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/queue/delivery.h"
#include "common/queue/redis.h"
#include "common/queue/suspect_gate.h"
#include "quern/v1/job.pb.h"

namespace quern::queue {

struct ConsumerOptions {
  // Which stage's streams to read: FILTER to VERIFIER.
  v1::StageName stage = v1::STAGE_NAME_UNSPECIFIED;
  // Unique among all consumers, for example host-pid-random. Required.
  std::string name;
  // Deliveries handed out at once. A larger number hides more latency and loses more to a crash. Up to four times as
  // many entries are held besides: retries that wait for their time, and suspects that wait for the gate.
  size_t slots = 256;
  // Others take over what was not renewed for this long. At least 3 × renewal.
  absl::Duration lease = absl::Seconds(30);
  absl::Duration renewal = absl::Seconds(10);
  // How often to look for work that nobody renews.
  absl::Duration reclaim = absl::Seconds(10);
  // All other consumers are known to be dead: take over what they hold at once. For a private Redis.
  bool take_over = false;
};

// Counts since start. Monotone.
struct ConsumerStats {
  uint64_t delivered = 0;
  // Transitions made in Redis, and those refused because somebody else had made them.
  uint64_t settled = 0;
  uint64_t fenced = 0;
  uint64_t reclaimed = 0;
  uint64_t retries = 0;
  uint64_t handed_back = 0;
  // Entries found to be gone or unreadable: never expected.
  uint64_t lost = 0;
  uint64_t reconnects = 0;
  // Deliveries held now (a gauge).
  uint64_t held = 0;
  // When the last transition was made or the last read found nothing to do.
  absl::Time last_progress;
};

// Takes a stage's work from every running job, by weighted round robin over jobs and lanes, and hands it to a handler
// as Deliveries; makes the settled transitions in batches; renews leases; takes over what crashed workers held, the
// more often it was delivered the fewer at a time (see SuspectGate); drains cancelled jobs; waits out a Redis that is
// away. Owns its threads and connections. Thread-safe.
class Consumer {
 public:
  // Called on the consumer's thread with each delivery; must not block. The job's spec is the one it was created with.
  using Handler = std::function<void(std::shared_ptr<const v1::JobSpec> spec, Delivery delivery)>;

  // Checks the options (INVALID_ARGUMENT) and starts. Redis may be away: the consumer waits for it. `gate` is shared by
  // all consumers of the process and outlives them.
  static absl::StatusOr<std::unique_ptr<Consumer>> Start(RedisOptions redis, ConsumerOptions options, SuspectGate* gate,
                                                         Handler handler);
  // Drains with no grace.
  ~Consumer();

  // Stops reading, waits up to `grace` for deliveries under way, hands the rest back, ends the threads. Idempotent.
  void Drain(absl::Duration grace);

  ConsumerStats stats() const;

 private:
  class Impl;
  explicit Consumer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quern::queue
