#include "common/queue/waiting_room.h"

#include <algorithm>
#include <utility>

#include "common/queue/fields.h"

namespace quern::queue {
namespace {

constexpr uint32_t kAloneLevel = 4;

// Asked in batches, an item waits for a day, and as many as can must wait together: their suspicion is not narrowed.
bool WaitsInBatches(const v1::JobSpec& spec) {
  return std::any_of(spec.models().begin(), spec.models().end(), [](const auto& model) { return model.has_batch(); });
}

// How often it was under way when a process crashed, and once more, as far as that is held against it.
uint32_t SuspicionOf(const Entry& entry) {
  return WaitsInBatches(*entry.lane->job->spec()) ? 1 : std::clamp(entry.deliveries, 1u, kAloneLevel);
}

bool MustWait(const Entry& entry) {
  return entry.not_before_ms > 0 && WrittenMs(entry.id) >= entry.lane->job->resumed_ms;
}

}  // namespace

WaitingRoom::~WaitingRoom() {
  if (wants_alone_) gate_->WantAlone(false);
}

void WaitingRoom::Add(Entry entry) {
  if (MustWait(entry)) {
    const int64_t from = entry.not_before_ms;
    later_.emplace(from, std::move(entry));
  } else {
    ready_.push_back(std::move(entry));
  }
}

void WaitingRoom::HeedResumes() {
  std::erase_if(later_, [this](auto& later) {
    if (MustWait(later.second)) return false;
    ready_.push_back(std::move(later.second));
    return true;
  });
}

std::vector<WaitingRoom::Startable> WaitingRoom::Take(int64_t now_ms, size_t most) {
  while (!later_.empty() && later_.begin()->first <= now_ms) {
    ready_.push_back(std::move(later_.begin()->second));
    later_.erase(later_.begin());
  }
  std::vector<Startable> taken;
  taken.reserve(std::min(most, ready_.size()));
  bool refused[kAloneLevel + 1] = {};
  bool wants_alone = false;
  std::deque<Entry> left;
  while (!ready_.empty() && taken.size() < most) {
    Entry entry = std::move(ready_.front());
    ready_.pop_front();
    const uint32_t level = SuspicionOf(entry);
    std::unique_ptr<SuspectGate::Pass> pass;
    if (entry.lane->open()) {
      if (!refused[level]) pass = gate_->TryEnter(level);
      refused[level] = pass == nullptr;
      wants_alone |= level == kAloneLevel && pass == nullptr;
    }
    if (pass == nullptr) {
      left.push_back(std::move(entry));
    } else {
      taken.push_back({std::move(entry), std::move(pass)});
    }
  }
  // What was passed over keeps its place before what was not looked at.
  ready_.insert(ready_.begin(), std::make_move_iterator(left.begin()), std::make_move_iterator(left.end()));
  if (wants_alone || wants_alone_) gate_->WantAlone(wants_alone);
  wants_alone_ = wants_alone;
  return taken;
}

std::vector<Entry> WaitingRoom::TakeIf(const std::function<bool(const Entry&)>& matches) {
  std::vector<Entry> taken;
  for (auto at = later_.begin(); at != later_.end();) {
    if (!matches(at->second)) {
      ++at;
      continue;
    }
    taken.push_back(std::move(at->second));
    at = later_.erase(at);
  }
  const auto first = std::stable_partition(ready_.begin(), ready_.end(), [&](const Entry& e) { return !matches(e); });
  taken.insert(taken.end(), std::make_move_iterator(first), std::make_move_iterator(ready_.end()));
  ready_.erase(first, ready_.end());
  return taken;
}

}  // namespace quern::queue
