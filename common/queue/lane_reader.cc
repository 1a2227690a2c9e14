#include "common/queue/lane_reader.h"

#include <spdlog/spdlog.h>

#include <deque>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/queue/document_codec.h"
#include "common/queue/fields.h"
#include "common/queue/scripts.h"
#include "common/queue/transitions.h"
#include "quern/v1/queue.pb.h"

namespace quern::queue {
namespace {

constexpr std::string_view kLongIdleMs = "86400000";
constexpr size_t kOrphanPage = 500;
constexpr size_t kRenewPage = 256;

v1::JobState StateOf(const Reply& reply) { return static_cast<v1::JobState>(NumberOf(reply)); }

// Indexes of `entries` by lane.
absl::flat_hash_map<const Lane*, std::vector<size_t>> ByLane(const std::vector<const Entry*>& entries) {
  absl::flat_hash_map<const Lane*, std::vector<size_t>> lanes;
  for (size_t i = 0; i < entries.size(); ++i) lanes[entries[i]->lane.get()].push_back(i);
  return lanes;
}

}  // namespace

void LaneReader::Decode(const std::shared_ptr<Lane>& lane, const std::string& id, const std::string& payload,
                        Entry entry, LaneBatch* batch) {
  v1::QueueEntry stored;
  if (!stored.ParseFromString(payload) || stored.schema() > kEntrySchema || stored.item().document_id().empty()) {
    batch->unreadable.emplace_back(lane, id);
    return;
  }
  entry.lane = lane;
  entry.id = id;
  entry.item = std::move(*stored.mutable_item());
  entry.attempts = stored.attempts();
  entry.not_before_ms = stored.not_before_ms();
  batch->entries.push_back(std::move(entry));
}

absl::Status LaneReader::Read(const std::vector<ReadSchedule::Ask>& asks, bool only_cancelled, ReadSchedule* schedule,
                              LaneBatch* batch) {
  std::deque<std::string> counts;
  std::vector<ScriptCall> calls;
  for (const auto& ask : asks) {
    const LaneKeys& keys = ask.lane->keys;
    counts.push_back(absl::StrFormat("%d", ask.count));
    calls.push_back({&kRead,
                     {keys.state, keys.stream(ask.lane->stage)},
                     {kGroup, consumer_, counts.back(), only_cancelled ? "1" : "0"}});
  }
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis_->RunAll(calls));
  absl::Status status;
  const absl::Time now = absl::Now();
  for (size_t i = 0; i < asks.size(); ++i) {
    if (replies[i].type == Reply::Type::kError) {
      const absl::Status error = ErrorOf(replies[i]);
      if (absl::IsUnavailable(error) || absl::IsResourceExhausted(error)) status = error;
      // One job whose keys are damaged does not stop the others. Told once per refresh, which sets the state again.
      if (status.ok() && asks[i].lane->state.exchange(v1::JOB_STATE_UNSPECIFIED) != v1::JOB_STATE_UNSPECIFIED) {
        spdlog::error("queue: a job cannot be read job={} error=\"{}\"", asks[i].lane->job->id,
                      std::string(error.message()));
      }
      schedule->Report(asks[i].lane.get(), asks[i].count, 0, now);
      continue;
    }
    asks[i].lane->state = StateOf(replies[i].array[0]);
    const std::vector<Reply>& entries = replies[i].array[1].array;
    for (const Reply& entry : entries) {
      if (entry.array.size() < 2 || entry.array[1].array.size() < 2) continue;
      Decode(asks[i].lane, entry.array[0].string, entry.array[1].array[1].string, Entry{}, batch);
    }
    schedule->Report(asks[i].lane.get(), asks[i].count, entries.size(), now);
  }
  return status;
}

absl::StatusOr<bool> LaneReader::Reclaim(const std::vector<std::shared_ptr<Lane>>& lanes, absl::Duration lease,
                                         size_t most, LaneBatch* batch) {
  const std::string lease_ms = absl::StrFormat("%d", absl::ToInt64Milliseconds(lease));
  const std::string count = absl::StrFormat("%d", most);
  if (lanes.empty()) return false;
  const std::string too_old = absl::StrFormat("%d", lanes[0]->clock->NowMs() + absl::ToInt64Milliseconds(lease / 2));
  std::vector<ScriptCall> calls;
  for (const auto& lane : lanes) {
    calls.push_back({&kReclaim,
                     {lane->keys.state, lane->keys.stream(lane->stage), lane->keys.counts},
                     {kGroup, consumer_, lease_ms, count, kNobody, too_old}});
  }
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis_->RunAll(calls));
  bool more = false;
  for (size_t i = 0; i < lanes.size(); ++i) {
    // NOGROUP: the stream is gone with its job, or read.lua is about to make it again.
    if (replies[i].type == Reply::Type::kError) continue;
    lanes[i]->state = StateOf(replies[i].array[0]);
    more |= replies[i].array[1].integer >= static_cast<int64_t>(most);
    batch->gone += static_cast<size_t>(replies[i].array[2].integer);
    for (const Reply& claimed : replies[i].array[3].array) {
      Entry entry;
      entry.deliveries = static_cast<uint32_t>(NumberOf(claimed.array[1])) + 1;
      entry.counted = false;
      Decode(lanes[i], claimed.array[0].string, claimed.array[2].string, std::move(entry), batch);
    }
  }
  return more;
}

absl::Status LaneReader::Orphan(const std::vector<std::shared_ptr<Lane>>& lanes) {
  const std::string page = absl::StrFormat("%d", kOrphanPage);
  for (const auto& lane : lanes) {
    std::string from = "-";
    while (!from.empty()) {
      QUERN_ASSIGN_OR_RETURN(const Reply next, redis_->Run(kOrphan, {lane->keys.stream(lane->stage)},
                                                           {kGroup, consumer_, kNobody, kLongIdleMs, from, page}));
      from = next.string;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<bool>> LaneReader::CountDeliveries(const std::vector<const Entry*>& entries) {
  std::vector<bool> may_start(entries.size(), false);
  std::deque<std::string> texts;
  std::vector<ScriptCall> calls;
  std::vector<std::vector<size_t>> groups;
  for (auto& [lane, indexes] : ByLane(entries)) {
    ScriptCall call{&kStart, {lane->keys.state, lane->keys.stream(lane->stage)}, {kGroup, consumer_}};
    for (const size_t index : indexes) {
      call.arguments.push_back(entries[index]->id);
      call.arguments.push_back(texts.emplace_back(absl::StrFormat("%d", entries[index]->deliveries)));
    }
    calls.push_back(std::move(call));
    groups.push_back(std::move(indexes));
  }
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis_->RunAll(calls));
  for (size_t i = 0; i < groups.size(); ++i) {
    if (replies[i].type == Reply::Type::kError) continue;
    entries[groups[i][0]]->lane->state = StateOf(replies[i].array[0]);
    const std::string& started = replies[i].array[1].string;
    for (size_t k = 0; k < groups[i].size() && k < started.size(); ++k) may_start[groups[i][k]] = started[k] == '1';
  }
  return may_start;
}

absl::StatusOr<std::vector<std::shared_ptr<const v1::Document>>> LaneReader::Documents(
    const std::vector<const Entry*>& entries) {
  std::vector<std::vector<std::string_view>> commands;
  std::vector<std::vector<size_t>> groups;
  for (auto& [lane, indexes] : ByLane(entries)) {
    std::vector<std::string_view> command = {"HMGET", lane->keys.documents};
    for (const size_t index : indexes) command.push_back(entries[index]->item.document_id());
    commands.push_back(std::move(command));
    groups.push_back(std::move(indexes));
  }
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis_->Pipeline(commands));
  std::vector<std::shared_ptr<const v1::Document>> documents(entries.size());
  for (size_t i = 0; i < groups.size(); ++i) {
    if (replies[i].type == Reply::Type::kError) return ErrorOf(replies[i]);
    for (size_t k = 0; k < groups[i].size(); ++k) {
      const Reply& bytes = replies[i].array[k];
      if (bytes.type != Reply::Type::kString) continue;
      if (auto document = DecodeDocument(bytes.string); document.ok()) documents[groups[i][k]] = *std::move(document);
    }
  }
  return documents;
}

absl::StatusOr<std::vector<std::string>> LaneReader::Renew(const Lane& lane, const std::vector<std::string>& ids) {
  std::vector<ScriptCall> calls;
  for (size_t begin = 0; begin < ids.size(); begin += kRenewPage) {
    ScriptCall call{&kRenew, {lane.keys.stream(lane.stage)}, {kGroup, consumer_}};
    for (size_t i = begin; i < std::min(ids.size(), begin + kRenewPage); ++i) call.arguments.push_back(ids[i]);
    calls.push_back(std::move(call));
  }
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis_->RunAll(calls));
  std::vector<std::string> lost;
  for (size_t page = 0; page < replies.size(); ++page) {
    if (replies[page].type == Reply::Type::kError) return ErrorOf(replies[page]);
    const std::string& renewed = replies[page].string;
    for (size_t i = 0; i < renewed.size(); ++i) {
      if (renewed[i] == '0') lost.push_back(ids[page * kRenewPage + i]);
    }
  }
  return lost;
}

}  // namespace quern::queue
