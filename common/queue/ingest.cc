#include "common/queue/ingest.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/queue/document_codec.h"
#include "common/queue/fields.h"
#include "common/queue/keys.h"
#include "common/queue/queue_limits.h"
#include "common/queue/scripts.h"
#include "common/queue/transitions.h"
#include "quern/v1/queue.pb.h"

namespace quern::queue {

// The seven arguments that ingest.lua takes for an entry.
struct IngestArguments {
  std::string position;
  std::string_view kind;
  std::string id, seen_key, seen_content, document, payload;
};

namespace {

// Bounds of one call of the script: how long Redis is busy with it, and what is sent again after a lost connection.
constexpr size_t kMostEntriesPerCall = 256;
constexpr size_t kMostBytesPerCall = 1 << 20;

constexpr std::string_view kConflict = "ID_CONFLICT";

// What identifies a document among all of a job: 12 of its id's hash bytes make a false duplicate a matter of 2^-96.
std::string SeenKey(std::string_view id) {
  const uint64_t words[2] = {Hash64(id, 1), Hash64(id, 2)};
  return std::string(reinterpret_cast<const char*>(words), 12);
}

std::string SeenContent(std::string_view text) {
  const uint64_t hash = Hash64(text);
  return std::string(reinterpret_cast<const char*>(&hash), 8);
}

std::string LineId(std::string_view source, uint64_t position) {
  return "line:" + ContentHash(absl::StrFormat("%s:%d", source, position));
}

IngestArguments ForDocument(uint64_t position, const v1::Document& document) {
  std::string bytes = EncodeDocument(document);
  v1::QueueEntry entry;
  entry.set_schema(kEntrySchema);
  entry.mutable_item()->set_document_id(document.id());
  entry.mutable_item()->set_accepted_ms(absl::ToUnixMillis(absl::Now()));
  entry.set_document_hash(DocumentHash(bytes));
  return {absl::StrFormat("%d", position),
          "d",
          document.id(),
          SeenKey(document.id()),
          SeenContent(document.text()),
          std::move(bytes),
          entry.SerializeAsString()};
}

// A document whose id stands for other content already: dead, under an id of its own.
IngestArguments ForConflict(uint64_t position, const v1::Document& original, std::string_view source) {
  v1::Document document = original;
  document.set_id(original.id() + "~" + ContentHash(original.text()).substr(0, 16));
  v1::Terminal terminal;
  terminal.set_schema(kEntrySchema);
  terminal.mutable_item()->set_document_id(document.id());
  v1::Death& death = *terminal.mutable_death();
  death.set_stage(v1::STAGE_NAME_INGEST);
  death.set_reason(std::string(kConflict));
  death.set_message("another document of this job has the same id and other content; this one is kept as " +
                    document.id());
  death.set_source(std::string(source));
  death.set_position(position);
  return {absl::StrFormat("%d", position),
          "c",
          document.id(),
          SeenKey(document.id()),
          SeenContent(document.text()),
          EncodeDocument(document),
          terminal.SerializeAsString()};
}

IngestArguments ForUnreadable(uint64_t position, const v1::UnreadableInput& input, std::string_view source) {
  v1::Terminal terminal;
  terminal.set_schema(kEntrySchema);
  terminal.mutable_item()->set_document_id(LineId(source, position));
  v1::Death& death = *terminal.mutable_death();
  death.set_stage(v1::STAGE_NAME_INGEST);
  death.set_reason(input.reason());
  death.set_message(input.message());
  death.set_unreadable(true);
  death.set_source(std::string(source));
  death.set_position(position);
  return {absl::StrFormat("%d", position), "u", "", "", "", "", terminal.SerializeAsString()};
}

uint64_t ShareOf(uint64_t limit, uint32_t lanes) { return std::max<uint64_t>(1, (limit + lanes - 1) / lanes); }

}  // namespace

struct Ingest::LaneBatch {
  uint32_t lane = 0;
  // Position to store when all was taken.
  uint64_t upto = 0;
  std::vector<const v1::IngestEntry*> entries;
  std::vector<IngestArguments> arguments;
  bool full = false;
};

Ingest::Ingest(RedisOptions redis, std::string job_id, v1::JobSpec spec, std::string source)
    : redis_(std::move(redis)),
      job_id_(std::move(job_id)),
      spec_(std::move(spec)),
      source_(std::move(source)),
      lanes_(LanesOf(spec_)) {}

absl::StatusOr<uint64_t> Ingest::Position() {
  std::vector<LaneKeys> keys;
  for (uint32_t lane = 0; lane < lanes_; ++lane) keys.emplace_back(job_id_, lane);
  std::vector<std::vector<std::string_view>> commands;
  for (const LaneKeys& lane : keys) commands.push_back({"HGET", lane.positions, source_});
  QUERN_ASSIGN_OR_RETURN(const std::vector<Reply> replies, redis_.Pipeline(commands));
  // All or nothing: a lane whose position is not known must not count as empty, else Store would leave a gap there.
  std::vector<uint64_t> stored(lanes_);
  for (uint32_t lane = 0; lane < lanes_; ++lane) {
    if (replies[lane].type == Reply::Type::kError) return ErrorOf(replies[lane]);
    stored[lane] = static_cast<uint64_t>(NumberOf(replies[lane]));
  }
  stored_ = std::move(stored);
  lost_ = false;
  return *std::min_element(stored_.begin(), stored_.end());
}

absl::Status Ingest::PositionLost() const {
  return MakeError(absl::StatusCode::kAborted, "POSITION_LOST", "Redis lost what it had stored of " + source_);
}

Ingest::LaneBatch Ingest::MakeBatch(uint32_t lane, const std::vector<const v1::IngestEntry*>& entries,
                                    uint64_t upto) const {
  LaneBatch batch{lane, upto, entries, {}, false};
  for (const v1::IngestEntry* entry : entries) {
    batch.arguments.push_back(entry->has_document() ? ForDocument(entry->position(), entry->document())
                                                    : ForUnreadable(entry->position(), entry->unreadable(), source_));
  }
  return batch;
}

absl::Status Ingest::SendOnce(LaneBatch& batch, Result* result, std::vector<size_t>* conflicts) {
  const LaneKeys keys(job_id_, batch.lane);
  const std::string after = absl::StrFormat("%d", stored_[batch.lane]);
  const std::string upto = absl::StrFormat("%d", batch.upto);
  const std::string documents = absl::StrFormat("%d", ShareOf(MaxDocumentsHeldOf(spec_), lanes_));
  const std::string bytes = absl::StrFormat("%d", ShareOf(MaxBytesHeldOf(spec_), lanes_));
  std::vector<std::string_view> arguments = {source_,   after, upto,
                                             documents, bytes, DetectsDuplicates(spec_) ? "1" : "0"};
  for (const IngestArguments& entry : batch.arguments) {
    for (std::string_view argument :
         {std::string_view(entry.position), entry.kind, std::string_view(entry.id), std::string_view(entry.seen_key),
          std::string_view(entry.seen_content), std::string_view(entry.document), std::string_view(entry.payload)}) {
      arguments.push_back(argument);
    }
  }
  QUERN_ASSIGN_OR_RETURN(const Reply reply, redis_.Run(kIngest,
                                                       {keys.state, keys.filter, keys.results, keys.documents,
                                                        keys.seen, keys.positions, keys.counts},
                                                       arguments));
  const std::string& outcome = reply.array[0].string;
  if (outcome == "missing") return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_JOB", "no job " + job_id_);
  if (outcome == "ended") {
    return MakeError(absl::StatusCode::kFailedPrecondition, "JOB_ENDED",
                     "job " + job_id_ + " has ended and takes no more documents; send them to another job");
  }
  if (outcome == "target") {
    return MakeError(absl::StatusCode::kFailedPrecondition, "TARGET_REACHED",
                     "job " + job_id_ + " has the records that it was to make and takes no more documents");
  }
  if (outcome == "closed") {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "INPUT_CLOSED",
        "the input of job " + job_id_ + " is closed and takes no more documents; send them to another job");
  }
  if (outcome == "lost") {
    lost_ = true;
    return PositionLost();
  }
  if (outcome == "conflict") {
    for (size_t i = 1; i < reply.array.size(); ++i)
      conflicts->push_back(static_cast<size_t>(reply.array[i].integer) - 1);
    return absl::OkStatus();
  }
  stored_[batch.lane] = static_cast<uint64_t>(NumberOf(reply.array[1]));
  batch.full = outcome == "full";
  result->duplicates += static_cast<uint64_t>(reply.array[2].integer);
  result->conflicts += static_cast<uint64_t>(reply.array[4].integer);
  result->stored_at_ms = std::max<int64_t>(result->stored_at_ms, reply.array[3].integer);
  return absl::OkStatus();
}

absl::Status Ingest::Send(LaneBatch& batch, Result* result) {
  std::vector<size_t> conflicts;
  QUERN_RETURN_IF_ERROR(SendOnce(batch, result, &conflicts));
  if (conflicts.empty()) return absl::OkStatus();
  for (const size_t index : conflicts) {
    const v1::IngestEntry& entry = *batch.entries[index];
    batch.arguments[index] = ForConflict(entry.position(), entry.document(), source_);
  }
  std::vector<size_t> none;
  return SendOnce(batch, result, &none);
}

absl::StatusOr<Ingest::Result> Ingest::Store(const std::vector<v1::IngestEntry>& entries) {
  if (lost_) return PositionLost();
  if (stored_.empty()) QUERN_RETURN_IF_ERROR(Position().status());
  Result result;
  const uint64_t last = entries.empty() ? 0 : entries.back().position();
  std::vector<std::vector<const v1::IngestEntry*>> by_lane(lanes_);
  for (const v1::IngestEntry& entry : entries) {
    const std::string key = entry.has_document() ? entry.document().id() : LineId(source_, entry.position());
    const uint32_t lane = LaneOf(key, lanes_);
    if (entry.position() > stored_[lane]) by_lane[lane].push_back(&entry);
  }
  for (uint32_t lane = 0; lane < lanes_; ++lane) {
    const auto& mine = by_lane[lane];
    bool full = false;
    for (size_t begin = 0; !full && (begin < mine.size() || (begin == 0 && stored_[lane] < last));) {
      size_t end = begin, bytes = 0;
      while (end < mine.size() && end - begin < kMostEntriesPerCall && bytes < kMostBytesPerCall)
        bytes += mine[end++]->ByteSizeLong();
      const uint64_t upto = end == mine.size() ? last : mine[end - 1]->position();
      LaneBatch batch = MakeBatch(lane, {mine.begin() + begin, mine.begin() + end}, upto);
      QUERN_RETURN_IF_ERROR(Send(batch, &result));
      full = batch.full;
      begin = std::max(end, begin + 1);
    }
    result.full |= full;
  }
  result.accepted_position = *std::min_element(stored_.begin(), stored_.end());
  return result;
}

}  // namespace quern::queue
