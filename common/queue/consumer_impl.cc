#include "common/queue/consumer_impl.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/queue/document_codec.h"
#include "common/queue/queue_limits.h"
#include "common/queue/redis_safety.h"

namespace quern::queue {
namespace {

constexpr absl::Duration kRefresh = absl::Seconds(1);
constexpr absl::Duration kIdleReclaim = absl::Seconds(1);
// Waits after a failure: short, because most are over soon, then up to a second.
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(20);
constexpr absl::Duration kLongestBackoff = absl::Seconds(1);
// Longest sleep of the reader: it looks at its clocks at least this often.
constexpr absl::Duration kLongestPause = absl::Milliseconds(100);
// Entries that are held without running, as a multiple of the slots.
constexpr size_t kWaitingPerSlot = 4;
constexpr size_t kMostPerReclaim = 64;
constexpr absl::Duration kWarnEvery = absl::Seconds(10);

// Logs the first failure of a series, and then one every ten seconds.
class Backoff {
 public:
  explicit Backoff(std::string_view doing) : doing_(doing) {}

  absl::Duration Failed(const absl::Status& status) {
    const absl::Time now = absl::Now();
    if (now - warned_at_ >= kWarnEvery) {
      spdlog::warn("queue: {} failed, trying again error=\"{}\"", doing_, std::string(status.message()));
      warned_at_ = now;
    }
    delay_ = std::clamp(2 * delay_, kFirstBackoff, kLongestBackoff);
    return delay_;
  }
  void Succeeded() { delay_ = absl::ZeroDuration(); }

 private:
  const std::string_view doing_;
  absl::Duration delay_;
  absl::Time warned_at_ = absl::InfinitePast();
};

}  // namespace

Consumer::Impl::Impl(RedisOptions redis, ConsumerOptions options, SuspectGate* gate, Handler handler)
    : redis_options_(std::move(redis)),
      options_(std::move(options)),
      gate_(gate),
      handler_(std::move(handler)),
      redis_(redis_options_),
      reader_(&redis_, options_.name),
      directory_(options_.stage, clock_),
      waiting_(gate_) {
  Progress();
}

void Consumer::Impl::Start() {
  read_thread_ = std::thread([this] { ReadUntilDrained(); });
  settle_thread_ = std::thread([this] { SettleUntilClosed(); });
  renew_thread_ = std::thread([this] { RenewUntilStopped(); });
}

void Consumer::Impl::Wake() {
  absl::MutexLock lock(&wake_mutex_);
  woken_ = true;
}

void Consumer::Impl::SleepAtMost(absl::Duration longest) {
  absl::MutexLock lock(&wake_mutex_);
  const auto woken = [this]() ABSL_SHARED_LOCKS_REQUIRED(wake_mutex_) { return woken_; };
  wake_mutex_.AwaitWithTimeout(absl::Condition(&woken), longest);
  woken_ = false;
}

void Consumer::Impl::NoteConnections(uint64_t connections, uint64_t* seen) {
  if (*seen > 0 && connections > *seen) reconnects_ += connections - *seen;
  *seen = connections;
}

void Consumer::Impl::Progress() { progress_us_ = absl::ToUnixMicros(absl::Now()); }

ConsumerStats Consumer::Impl::stats() const {
  ConsumerStats stats;
  stats.delivered = delivered_;
  stats.settled = settled_;
  stats.fenced = fenced_;
  stats.reclaimed = reclaimed_;
  stats.retries = retries_;
  stats.handed_back = handed_back_;
  stats.lost = lost_;
  stats.reconnects = reconnects_;
  stats.held = leases_.held();
  stats.last_progress = absl::FromUnixMicros(progress_us_);
  return stats;
}

void Consumer::Impl::ReadUntilDrained() {
  Backoff backoff("reading");
  while (!draining_) {
    const absl::Time begin = absl::Now();
    const absl::Status status = ReadOnce();
    NoteConnections(redis_.connections(), &reader_connections_);
    // Redis hung, and live work was not renewed meanwhile. A shorter time cannot end a lease that is renewed in thirds.
    const absl::Time end = absl::Now();
    if (end - begin > options_.lease / 2) reclaim_from_ = end + options_.lease;
    if (status.ok()) {
      backoff.Succeeded();
      SleepAtMost(Pause());
    } else {
      SleepAtMost(backoff.Failed(status));
    }
  }
  for (Entry& entry : waiting_.TakeIf([](const Entry&) { return true; })) {
    settlements_->Push(MakeHandBack(std::move(entry)));
  }
}

absl::Status Consumer::Impl::ReadOnce() {
  const absl::Time now = absl::Now();
  QUERN_RETURN_IF_ERROR(Prepare(now));
  QUERN_RETURN_IF_ERROR(Reclaim(now));
  EndWithoutHandler();
  const size_t running = leases_.running();
  const size_t slots_free = options_.slots > running ? options_.slots - running : 0;
  const size_t waiting = waiting_.size();
  const size_t most_waiting = kWaitingPerSlot * options_.slots;
  const size_t room = waiting < most_waiting ? std::min(slots_free, most_waiting - waiting) : 0;
  last_pass_was_idle_ = false;
  if (room > 0) {
    const auto asks = schedule_.Plan(room, now);
    if (!asks.empty()) {
      LaneBatch batch;
      const absl::Status read = reader_.Read(asks, &schedule_, &batch);
      last_pass_was_idle_ = batch.entries.empty() && running == 0 && waiting == 0;
      if (last_pass_was_idle_) Progress();
      // What one lane brought is kept even when another failed.
      Keep(std::move(batch));
      EndWithoutHandler();
      QUERN_RETURN_IF_ERROR(read);
    }
  }
  return StartWaiting();
}

absl::Status Consumer::Impl::Prepare(absl::Time now) {
  if (!checked_) {
    QUERN_RETURN_IF_ERROR(redis_.Connect());
    QUERN_ASSIGN_OR_RETURN(const Reply info, redis_.Command({"INFO", "server"}));
    // Redis has just come back: what looks abandoned may be renewed in a moment.
    const absl::Duration up = absl::Seconds(std::atoi(InfoField(info.string, "uptime_in_seconds").c_str()));
    if (up < options_.lease && !options_.take_over) reclaim_from_ = now + options_.lease - up;
    checked_ = true;
  }
  if (reconnects_seen_ != reconnects_) {
    reconnects_seen_ = reconnects_;
    reclaim_from_ = now + options_.lease;
  }
  if (now - refreshed_at_ >= kRefresh) {
    QUERN_RETURN_IF_ERROR(directory_.Refresh(redis_));
    schedule_.SetLanes(directory_.lanes());
    waiting_.HeedResumes();
    ForgetDocumentsUnusedSince(now - kDocumentsKept);
    refreshed_at_ = now;
  }
  if (options_.take_over && !took_over_) {
    QUERN_RETURN_IF_ERROR(reader_.Orphan(directory_.lanes()));
    took_over_ = true;
  }
  return absl::OkStatus();
}

absl::Status Consumer::Impl::Reclaim(absl::Time now) {
  const absl::Duration every = last_pass_was_idle_ ? std::min(kIdleReclaim, options_.reclaim) : options_.reclaim;
  const bool due = more_to_reclaim_ || now - reclaimed_at_ >= every;
  const size_t most_waiting = kWaitingPerSlot * options_.slots;
  if (!due || waiting_.size() >= most_waiting) return absl::OkStatus();
  // While live work may still be renewed, only what was handed back is taken: it is nobody's.
  const absl::Duration idle = now < reclaim_from_ ? absl::Milliseconds(kHandedBackIdleMs) : options_.lease;
  // What a hold would keep waiting is better left to others.
  std::vector<std::shared_ptr<Lane>> lanes = directory_.lanes();
  std::erase_if(lanes, [](const std::shared_ptr<Lane>& lane) { return lane->job->hold->on(); });
  LaneBatch batch;
  const size_t most = std::min(kMostPerReclaim, most_waiting - waiting_.size());
  QUERN_ASSIGN_OR_RETURN(more_to_reclaim_, reader_.Reclaim(lanes, idle, most, &batch));
  reclaimed_at_ = now;
  reclaimed_ += batch.entries.size();
  Keep(std::move(batch));
  return absl::OkStatus();
}

void Consumer::Impl::Keep(LaneBatch batch) {
  lost_ += batch.gone;
  for (auto& [lane, id] : batch.unreadable) {
    ++lost_;
    spdlog::error("queue: an entry is damaged or from a newer version, left for others job={} entry={}", lane->job->id,
                  id);
    settlements_->Push(MakePark(lane, id));
  }
  for (Entry& entry : batch.entries) {
    // False: it is held already, and was taken over from ourselves because a renewal came late.
    if (!leases_.Add(entry)) continue;
    if (!entry.counted && entry.deliveries > MaxDeliveriesOf(*entry.lane->job->spec())) {
      --entry.deliveries;
      settlements_->Push(MakeDeath(std::move(entry), "POISON", "workers crashed while they worked on it"));
    } else {
      waiting_.Add(std::move(entry));
    }
  }
}

// Takes out of the waiting room what needs no handler: entries of cancelled jobs, and those that are no longer ours.
void Consumer::Impl::EndWithoutHandler() {
  if (waiting_.size() == 0) return;
  const auto cancelled = [](const Entry& entry) { return entry.lane->state == v1::JOB_STATE_CANCELLING; };
  for (Entry& entry : waiting_.TakeIf(cancelled)) settlements_->Push(MakeCancellation(std::move(entry)));
  const auto not_ours = [this](const Entry& entry) {
    const v1::JobState state = entry.lane->state;
    return leases_.IsLost(entry) || (state != v1::JOB_STATE_RUNNING && state != v1::JOB_STATE_PAUSED);
  };
  for (const Entry& entry : waiting_.TakeIf(not_ours)) leases_.Remove(entry.lane.get(), entry.id);
}

absl::Status Consumer::Impl::StartWaiting() {
  const size_t running = leases_.running();
  if (running >= options_.slots) return absl::OkStatus();
  std::vector<WaitingRoom::Startable> starting = waiting_.Take(clock_->NowMs(), options_.slots - running);
  std::vector<const Entry*> uncounted;
  for (const auto& startable : starting) {
    if (!startable.entry.counted) uncounted.push_back(&startable.entry);
  }
  std::vector<bool> may_start;
  if (!uncounted.empty()) {
    absl::StatusOr<std::vector<bool>> counted = reader_.CountDeliveries(uncounted);
    if (!counted.ok()) {
      for (auto& startable : starting) waiting_.Add(std::move(startable.entry));
      return std::move(counted).status();
    }
    may_start = *std::move(counted);
  }
  std::vector<WaitingRoom::Startable> counted;
  counted.reserve(starting.size());
  size_t next = 0;
  for (auto& startable : starting) {
    Entry& entry = startable.entry;
    if (!entry.counted && !may_start[next++]) {
      // Paused or cancelled in this moment, or taken over by somebody else.
      if (entry.lane->state == v1::JOB_STATE_RUNNING) {
        leases_.Remove(entry.lane.get(), entry.id);
      } else {
        waiting_.Add(std::move(entry));
      }
      continue;
    }
    entry.counted = true;
    counted.push_back(std::move(startable));
  }
  return StartCounted(std::move(counted));
}

absl::Status Consumer::Impl::StartCounted(std::vector<WaitingRoom::Startable> starting) {
  if (starting.empty()) return absl::OkStatus();
  std::vector<const Entry*> entries;
  for (const auto& startable : starting) entries.push_back(&startable.entry);
  auto documents = reader_.Documents(entries);
  if (!documents.ok()) {
    for (auto& startable : starting) waiting_.Add(std::move(startable.entry));
    return std::move(documents).status();
  }
  for (size_t i = 0; i < starting.size(); ++i) {
    Entry& entry = starting[i].entry;
    if ((*documents)[i] == nullptr) {
      // Either somebody else has finished it and the sink has committed it, then this is refused; or Redis lost it.
      ++lost_;
      settlements_->Push(MakeDeath(std::move(entry), "DOCUMENT_LOST", "Redis does not have the document any more"));
      continue;
    }
    leases_.SetRunning(entry);
    ++delivered_;
    std::shared_ptr<const v1::JobSpec> spec = entry.lane->job->spec();
    auto held = std::make_unique<Delivery::Held>(Delivery::Held{
        settlements_, std::move(entry), std::move((*documents)[i]), std::move(starting[i].pass), clock_->NowMs()});
    handler_(std::move(spec), Delivery(std::move(held)));
  }
  return absl::OkStatus();
}

absl::Duration Consumer::Impl::Pause() const {
  if (leases_.running() >= options_.slots) return kLongestPause;
  return std::clamp(schedule_.NextDue() - absl::Now(), absl::ZeroDuration(), kLongestPause);
}

void Consumer::Impl::SettleUntilClosed() {
  Finisher finisher(redis_options_, options_.name);
  Backoff backoff("settling");
  uint64_t connections = 0;
  std::vector<Settlement> batch;
  while (true) {
    if (batch.empty()) batch = settlements_->Take(kLongestPause);
    if (batch.empty()) {
      if (stopping_) break;
      continue;
    }
    std::vector<Finisher::Outcome> outcomes;
    const absl::Status status = finisher.Finish(batch, &outcomes);
    NoteConnections(finisher.connections(), &connections);
    std::vector<Settlement> again;
    Account(batch, outcomes, &again);
    batch = std::move(again);
    Wake();
    if (status.ok()) {
      backoff.Succeeded();
      continue;
    }
    if (stopping_ && absl::ToUnixMicros(absl::Now()) > give_up_us_) break;
    absl::SleepFor(backoff.Failed(status));
  }
  for (const auto& lane : directory_.lanes()) {
    // A name that stays behind in the group costs nothing but its bytes.
    if (!finisher.Leave(*lane).ok()) break;
  }
}

void Consumer::Impl::Account(const std::vector<Settlement>& settlements, const std::vector<Finisher::Outcome>& outcomes,
                             std::vector<Settlement>* again) {
  for (size_t i = 0; i < settlements.size(); ++i) {
    const Settlement& settlement = settlements[i];
    switch (outcomes[i]) {
      case Finisher::Outcome::kRepeat:
        again->push_back(settlement);
        continue;
      case Finisher::Outcome::kDone:
        ++settled_;
        if (settlement.kind == Settlement::Kind::kRetry) ++retries_;
        Progress();
        break;
      case Finisher::Outcome::kFenced:
        ++fenced_;
        break;
      case Finisher::Outcome::kReleased:
        if (settlement.kind == Settlement::Kind::kHandBack) ++handed_back_;
        break;
      case Finisher::Outcome::kFailed:
        ++lost_;
        break;
    }
    leases_.Remove(settlement.lane.get(), settlement.id);
  }
}

void Consumer::Impl::RenewUntilStopped() {
  Redis redis(redis_options_);
  LaneReader reader(&redis, options_.name);
  Backoff backoff("renewing leases");
  uint64_t connections = 0;
  absl::Time next = absl::Now() + options_.renewal;
  while (!stopping_) {
    absl::SleepFor(std::clamp(next - absl::Now(), absl::ZeroDuration(), kLongestPause));
    if (absl::Now() < next) continue;
    const absl::Status status = RenewAll(reader);
    NoteConnections(redis.connections(), &connections);
    next = absl::Now() + (status.ok() ? options_.renewal : backoff.Failed(status));
    if (status.ok()) backoff.Succeeded();
  }
}

absl::Status Consumer::Impl::RenewAll(LaneReader& reader) {
  for (const auto& [lane, leases] : leases_.ByLane()) {
    std::vector<std::string> ids;
    for (const Leases::Lease& lease : leases) ids.push_back(lease.id);
    QUERN_ASSIGN_OR_RETURN(const std::vector<std::string> lost, reader.Renew(*lane, ids));
    for (const std::string& id : lost) leases_.SetLost(lane.get(), id);
  }
  return absl::OkStatus();
}

void Consumer::Impl::HandBackRunning() {
  for (const auto& [lane, leases] : leases_.ByLane()) {
    for (const Leases::Lease& lease : leases) {
      if (!lease.running) continue;
      Settlement settlement;
      settlement.lane = lane;
      settlement.id = lease.id;
      settlement.kind = Settlement::Kind::kHandBack;
      settlement.deliveries = lease.deliveries_before;
      settlements_->Push(std::move(settlement));
    }
  }
}

void Consumer::Impl::Drain(absl::Duration grace) {
  std::call_once(drained_, [&] {
    draining_ = true;
    Wake();
    read_thread_.join();
    leases_.WaitUntilNothingRuns(grace);
    HandBackRunning();
    settlements_->Close();
    give_up_us_ = absl::ToUnixMicros(absl::Now() + redis_options_.timeout);
    stopping_ = true;
    settle_thread_.join();
    renew_thread_.join();
  });
}

}  // namespace quern::queue
