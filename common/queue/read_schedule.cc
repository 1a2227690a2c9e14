#include "common/queue/read_schedule.h"

#include <algorithm>

#include "common/queue/queue_limits.h"

namespace quern::queue {
namespace {

// Places given out per turn; smaller is fairer, larger makes fewer calls.
constexpr size_t kTurn = 8;
// Most entries of one read: how long Redis is busy with it.
constexpr size_t kMostPerRead = 128;
constexpr absl::Duration kShortestDelay = absl::Milliseconds(5);
constexpr absl::Duration kLongestDelay = absl::Milliseconds(100);
// After a read that was not filled: lets entries gather, because Redis' work per call outweighs that per entry.
constexpr absl::Duration kGather = absl::Milliseconds(2);
// How soon a paused job notices that it was resumed.
constexpr absl::Duration kPausedDelay = absl::Milliseconds(200);

}  // namespace

void ReadSchedule::SetLanes(const std::vector<std::shared_ptr<Lane>>& lanes) {
  std::vector<Turn> turns;
  for (const auto& lane : lanes) {
    const auto known = std::find_if(turns_.begin(), turns_.end(), [&](const Turn& turn) { return turn.lane == lane; });
    if (known != turns_.end()) {
      turns.push_back(*known);
    } else {
      const auto spec = lane->job->spec();
      turns.push_back({lane, static_cast<double>(WeightOf(*spec)) / LanesOf(*spec), 0, {}, absl::InfinitePast()});
    }
  }
  turns_ = std::move(turns);
}

std::vector<ReadSchedule::Ask> ReadSchedule::Plan(size_t room, absl::Time now) {
  struct Candidate {
    Turn* turn;
    size_t count;
  };
  std::vector<Candidate> candidates;
  double total = 0;
  for (Turn& turn : turns_) {
    const bool on_hold = turn.lane->job->hold->on() && turn.lane->state != v1::JOB_STATE_CANCELLING;
    if (turn.due > now || on_hold) continue;
    candidates.push_back({&turn, 0});
    total += turn.weight;
  }
  while (room > 0 && !candidates.empty()) {
    Candidate* chosen = nullptr;
    for (Candidate& candidate : candidates) {
      candidate.turn->credit += candidate.turn->weight;
      if (chosen == nullptr || candidate.turn->credit > chosen->turn->credit) chosen = &candidate;
    }
    chosen->turn->credit -= total;
    // One lane's fill ends the plan: what the others may still take they get in the next pass.
    if (chosen->count >= kMostPerRead) break;
    const size_t given = std::min(kTurn, room);
    chosen->count += given;
    room -= given;
  }
  std::vector<Ask> asks;
  for (const Candidate& candidate : candidates) {
    if (candidate.count > 0) asks.push_back({candidate.turn->lane, candidate.count});
  }
  return asks;
}

void ReadSchedule::Report(const Lane* lane, size_t asked, size_t got, absl::Time now) {
  const auto turn =
      std::find_if(turns_.begin(), turns_.end(), [&](const Turn& candidate) { return candidate.lane.get() == lane; });
  if (turn == turns_.end()) return;
  if (got == 0) {
    turn->delay = std::clamp(2 * turn->delay, kShortestDelay, kLongestDelay);
    turn->credit = 0;
  } else {
    turn->delay = got < asked ? kGather : absl::ZeroDuration();
  }
  const bool paused = lane->state == v1::JOB_STATE_PAUSED;
  turn->due = now + (paused ? kPausedDelay : turn->delay);
}

absl::Time ReadSchedule::NextDue() const {
  absl::Time next = absl::InfiniteFuture();
  for (const Turn& turn : turns_) next = std::min(next, turn.due);
  return next;
}

}  // namespace quern::queue
