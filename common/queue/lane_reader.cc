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

// How many entries a reply of XREADGROUP holds: {{stream, {{id, {field, payload}}, ...}}}, or nothing.
size_t EntriesIn(const Reply* read) {
  return read == nullptr || read->array.empty() ? 0 : read->array[0].array[1].array.size();
}

v1::JobState StateOf(const Reply& reply) { return static_cast<v1::JobState>(NumberOf(reply)); }

// Indexes of `entries` by lane.
absl::flat_hash_map<const Lane*, std::vector<size_t>> ByLane(const std::vector<const Entry*>& entries) {
  absl::flat_hash_map<const Lane*, std::vector<size_t>> lanes;
  for (size_t i = 0; i < entries.size(); ++i) lanes[entries[i]->lane.get()].push_back(i);
  return lanes;
}

}  // namespace

void LaneReader::Decode(const std::shared_ptr<Lane>& lane, std::string id, std::string payload, Entry entry,
                        LaneBatch* batch) {
  v1::QueueEntry stored;
  if (!stored.ParseFromString(payload) || stored.schema() > kEntrySchema || stored.item().document_id().empty()) {
    batch->unreadable.emplace_back(lane, std::move(id));
    return;
  }
  entry.lane = lane;
  entry.id = std::move(id);
  entry.item = std::move(*stored.mutable_item());
  entry.payload = std::move(payload);
  entry.attempts = stored.attempts();
  entry.not_before_ms = stored.not_before_ms();
  entry.document_hash = stored.document_hash();
  batch->entries.push_back(std::move(entry));
}

absl::Status LaneReader::Read(const std::vector<ReadSchedule::Ask>& asks, ReadSchedule* schedule, LaneBatch* batch) {
  // Plain commands: through a script, Redis would copy every entry twice. Whether a lane is read is decided by its
  // state as the last pass found it; what is read of a job that was paused since then waits, and of one that was
  // cancelled ends.
  std::deque<std::string> counts;
  std::vector<std::vector<std::string_view>> commands;
  std::vector<bool> reads;
  for (const auto& ask : asks) {
    reads.push_back(ask.lane->state == v1::JOB_STATE_CANCELLING || ask.lane->open());
    commands.push_back({"HGET", ask.lane->keys.state, "state"});
    if (!reads.back()) continue;
    counts.push_back(absl::StrFormat("%d", ask.count));
    commands.push_back({"XREADGROUP", "GROUP", kGroup, consumer_, "COUNT", counts.back(), "STREAMS",
                        ask.lane->keys.stream(ask.lane->stage), ">"});
  }
  QUERN_ASSIGN_OR_RETURN(std::vector<Reply> replies, redis_->Pipeline(commands));
  absl::Status status;
  const absl::Time now = absl::Now();
  size_t at = 0;
  for (size_t i = 0; i < asks.size(); ++i) {
    const Reply& state = replies[at++];
    Reply* const read = reads[i] ? &replies[at++] : nullptr;
    absl::Status fault = state.type == Reply::Type::kError ? ErrorOf(state) : absl::OkStatus();
    if (fault.ok()) asks[i].lane->Saw(StateOf(state));
    if (fault.ok() && read != nullptr) fault = TakeRead(asks[i].lane, *read, batch);
    schedule->Report(asks[i].lane.get(), asks[i].count, fault.ok() ? EntriesIn(read) : 0, now);
    if (absl::IsUnavailable(fault) || absl::IsResourceExhausted(fault)) status = fault;
    // One job whose keys are damaged does not stop the others. Told once per refresh, which sets the state again.
    if (fault.ok() || !status.ok()) continue;
    if (asks[i].lane->state.exchange(v1::JOB_STATE_UNSPECIFIED) == v1::JOB_STATE_UNSPECIFIED) continue;
    spdlog::error("queue: a job cannot be read job={} error=\"{}\"", asks[i].lane->job->id,
                  std::string(fault.message()));
  }
  return status;
}

absl::Status LaneReader::TakeRead(const std::shared_ptr<Lane>& lane, Reply& read, LaneBatch* batch) {
  if (read.type == Reply::Type::kError) {
    const absl::Status fault = ErrorOf(read);
    if (!absl::IsNotFound(fault)) return fault;
    // The stream is gone with its job; or only its group is, as after a FLUSHDB of one's own: the next pass reads
    // again.
    if (lane->state != v1::JOB_STATE_RUNNING) return absl::OkStatus();
    return redis_->Command({"XGROUP", "CREATE", lane->keys.stream(lane->stage), kGroup, "0", "MKSTREAM"}).status();
  }
  if (EntriesIn(&read) == 0) return absl::OkStatus();
  for (Reply& entry : read.array[0].array[1].array) {
    if (entry.array.size() < 2 || entry.array[1].array.size() < 2) continue;
    Decode(lane, std::move(entry.array[0].string), std::move(entry.array[1].array[1].string), Entry{}, batch);
  }
  return absl::OkStatus();
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
  QUERN_ASSIGN_OR_RETURN(std::vector<Reply> replies, redis_->RunAll(calls));
  bool more = false;
  for (size_t i = 0; i < lanes.size(); ++i) {
    // NOGROUP: the stream is gone with its job, or Read is about to make its group again.
    if (replies[i].type == Reply::Type::kError) continue;
    lanes[i]->Saw(StateOf(replies[i].array[0]));
    more |= replies[i].array[1].integer >= static_cast<int64_t>(most);
    batch->gone += static_cast<size_t>(replies[i].array[2].integer);
    for (Reply& claimed : replies[i].array[3].array) {
      Entry entry;
      entry.deliveries = static_cast<uint32_t>(NumberOf(claimed.array[1])) + 1;
      entry.counted = false;
      Decode(lanes[i], std::move(claimed.array[0].string), std::move(claimed.array[2].string), std::move(entry), batch);
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
    entries[groups[i][0]]->lane->Saw(StateOf(replies[i].array[0]));
    const std::string& started = replies[i].array[1].string;
    for (size_t k = 0; k < groups[i].size() && k < started.size(); ++k) may_start[groups[i][k]] = started[k] == '1';
  }
  return may_start;
}

absl::StatusOr<std::vector<std::shared_ptr<const v1::Document>>> LaneReader::Documents(
    const std::vector<const Entry*>& entries) {
  std::vector<std::shared_ptr<const v1::Document>> documents(entries.size());
  std::vector<std::vector<std::string_view>> commands;
  // By command: the entries of each document that it asks for. A document's items share it.
  std::vector<std::vector<std::vector<size_t>>> askers;
  for (const auto& [lane, indexes] : ByLane(entries)) {
    std::vector<std::string_view> command = {"HMGET", lane->keys.documents};
    std::vector<std::vector<size_t>> asking;
    absl::flat_hash_map<std::string_view, size_t> asked;
    for (const size_t index : indexes) {
      const Entry& entry = *entries[index];
      const std::string& id = entry.item.document_id();
      if (entry.deliveries == 1) documents[index] = DocumentOf(KeptDocument(lane->job->id, id, entry.document_hash));
      if (documents[index] != nullptr) continue;
      const auto [position, fresh] = asked.emplace(id, asking.size());
      if (fresh) {
        command.push_back(id);
        asking.emplace_back();
      }
      asking[position->second].push_back(index);
    }
    if (asking.empty()) continue;
    commands.push_back(std::move(command));
    askers.push_back(std::move(asking));
  }
  if (commands.empty()) return documents;
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis_->Pipeline(commands));
  for (size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].type == Reply::Type::kError) return ErrorOf(replies[i]);
    for (size_t k = 0; k < askers[i].size(); ++k) {
      const Reply& bytes = replies[i].array[k];
      if (bytes.type != Reply::Type::kString) continue;
      const Entry& first = *entries[askers[i][k][0]];
      auto decoded = DecodeDocument(first.lane->job->id, first.item.document_id(), bytes.string);
      if (!decoded.ok()) continue;
      for (const size_t index : askers[i][k]) documents[index] = DocumentOf(*decoded);
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
