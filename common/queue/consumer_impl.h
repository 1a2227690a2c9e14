#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/queue/consumer.h"
#include "common/queue/finisher.h"
#include "common/queue/held_delivery.h"
#include "common/queue/job_directory.h"
#include "common/queue/lane_reader.h"
#include "common/queue/leases.h"
#include "common/queue/read_schedule.h"
#include "common/queue/waiting_room.h"

namespace quern::queue {

// A consumer's three threads, each with one connection: the reader finds and starts work, the settler makes
// transitions, the keeper renews leases, whatever the other two wait for.
//
// Invariants:
// 1. An entry is in `leases_` from the moment that the reader gets it until its settlement is made, or refused, in
// Redis.
// 2. It is in the waiting room, or running (a Delivery), or in `settlements_`: in exactly one of them.
// 3. Only the reader touches the waiting room, the directory and the schedule, until it has ended.
class Consumer::Impl {
 public:
  Impl(RedisOptions redis, ConsumerOptions options, SuspectGate* gate, Handler handler);

  void Start();
  void Drain(absl::Duration grace);
  ConsumerStats stats() const;

 private:
  // The reader's thread.
  void ReadUntilDrained();
  absl::Status ReadOnce();
  absl::Status Prepare(absl::Time now);
  absl::Status Reclaim(absl::Time now);
  void Keep(LaneBatch batch);
  void EndWithoutHandler();
  absl::Status StartWaiting();
  absl::Status StartCounted(std::vector<WaitingRoom::Startable> starting);
  absl::Duration Pause() const;

  // The settler's thread.
  void SettleUntilClosed();
  void Account(const std::vector<Settlement>& settlements, const std::vector<Finisher::Outcome>& outcomes,
               std::vector<Settlement>* again);

  // The keeper's thread.
  void RenewUntilStopped();
  absl::Status RenewAll(LaneReader& reader);

  void HandBackRunning();
  void Wake();
  void SleepAtMost(absl::Duration longest);
  // Counts reconnects of one connection: after one, nobody reclaims for a lease.
  void NoteConnections(uint64_t connections, uint64_t* seen);
  void Progress();

  const RedisOptions redis_options_;
  const ConsumerOptions options_;
  SuspectGate* const gate_;
  const Handler handler_;

  const std::shared_ptr<ServerClock> clock_ = std::make_shared<ServerClock>();
  const std::shared_ptr<Settlements> settlements_ = std::make_shared<Settlements>();
  Leases leases_;

  // The reader's own.
  Redis redis_;
  LaneReader reader_;
  JobDirectory directory_;
  ReadSchedule schedule_;
  WaitingRoom waiting_;
  bool checked_ = false;
  bool took_over_ = false;
  bool last_pass_was_idle_ = false;
  uint64_t reader_connections_ = 0;
  uint64_t reconnects_seen_ = 0;
  absl::Time refreshed_at_ = absl::InfinitePast();
  absl::Time reclaimed_at_ = absl::InfinitePast();
  absl::Time reclaim_from_ = absl::InfinitePast();
  bool more_to_reclaim_ = false;

  std::atomic<bool> draining_ = false;
  std::atomic<bool> stopping_ = false;
  // When the settler gives up on a Redis that is away; only while draining.
  std::atomic<int64_t> give_up_us_ = 0;

  absl::Mutex wake_mutex_;
  bool woken_ ABSL_GUARDED_BY(wake_mutex_) = false;

  std::atomic<uint64_t> delivered_ = 0, settled_ = 0, fenced_ = 0, reclaimed_ = 0, retries_ = 0, handed_back_ = 0,
                        lost_ = 0, reconnects_ = 0;
  std::atomic<int64_t> progress_us_ = 0;

  std::once_flag drained_;
  std::thread read_thread_, settle_thread_, renew_thread_;
};

}  // namespace quern::queue
