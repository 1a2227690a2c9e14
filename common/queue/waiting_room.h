#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "common/queue/lane.h"
#include "common/queue/suspect_gate.h"

namespace quern::queue {

// Entries that are held and not started yet: new ones for a moment, retries until their time, suspects until the gate
// lets them in, and all of a job that is paused or on hold. Thread-compatible.
class WaitingRoom {
 public:
  struct Startable {
    Entry entry;
    std::unique_ptr<SuspectGate::Pass> pass;
  };

  // `gate` outlives the room.
  explicit WaitingRoom(SuspectGate* gate) : gate_(gate) {}
  // Takes back its wish to run anything alone.
  ~WaitingRoom();

  void Add(Entry entry);

  // Ends the waits of entries whose job has been resumed since they were written.
  void HeedResumes();

  // Up to `most` entries whose time has come (Redis' time `now_ms`), whose job is running and not on hold, and that the
  // gate lets in.
  std::vector<Startable> Take(int64_t now_ms, size_t most);

  // Takes out all entries for which `matches` holds.
  std::vector<Entry> TakeIf(const std::function<bool(const Entry&)>& matches);

  size_t size() const { return later_.size() + ready_.size(); }

 private:
  SuspectGate* const gate_;
  // By the time from which they may start.
  std::multimap<int64_t, Entry> later_;
  std::deque<Entry> ready_;
  bool wants_alone_ = false;
};

}  // namespace quern::queue
