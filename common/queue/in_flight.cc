#include "common/queue/in_flight.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "common/queue/document_codec.h"
#include "common/queue/keys.h"
#include "common/queue/queue_limits.h"

namespace quern::queue {
namespace {

constexpr std::string_view kPage = "500";

std::optional<InFlightEntry> ReadQueued(v1::StageName stage, const std::string& payload) {
  v1::QueueEntry queued;
  if (!queued.ParseFromString(payload)) return std::nullopt;
  InFlightEntry entry;
  entry.stage = stage;
  *entry.terminal.mutable_item() = std::move(*queued.mutable_item());
  entry.attempts = queued.attempts();
  return entry;
}

std::optional<InFlightEntry> ReadResult(const std::string& payload) {
  InFlightEntry entry;
  if (!entry.terminal.ParseFromString(payload) || entry.terminal.cancelled()) return std::nullopt;
  return entry;
}

}  // namespace

InFlight::InFlight(RedisOptions redis, std::string job_id, const v1::JobSpec& spec)
    : redis_(std::move(redis)), job_id_(std::move(job_id)), lanes_(LanesOf(spec)) {}

absl::StatusOr<std::vector<InFlightEntry>> InFlight::Find(const std::string& document_id) {
  const LaneKeys keys(job_id_, LaneOf(document_id, lanes_));
  std::vector<InFlightEntry> found;
  // In this order: work moves on in it, and what a retry puts at the end of its own stream is met there.
  for (const v1::StageName stage :
       {v1::STAGE_NAME_FILTER, v1::STAGE_NAME_PERSONA, v1::STAGE_NAME_GENERATOR, v1::STAGE_NAME_VERIFIER}) {
    QUERN_RETURN_IF_ERROR(FindIn(stage, keys.stream(stage), document_id, &found));
  }
  QUERN_RETURN_IF_ERROR(FindIn(v1::STAGE_NAME_UNSPECIFIED, keys.results, document_id, &found));
  return found;
}

absl::Status InFlight::FindIn(v1::StageName stage, const std::string& stream, const std::string& document_id,
                              std::vector<InFlightEntry>* found) {
  std::string from = "-";
  while (true) {
    QUERN_ASSIGN_OR_RETURN(const Reply page, redis_.Command({"XRANGE", stream, from, "+", "COUNT", kPage}));
    if (page.array.empty()) return absl::OkStatus();
    for (const Reply& raw : page.array) {
      const std::string& payload = raw.array[1].array.at(1).string;
      // Most are others': their bytes are not taken apart.
      if (!absl::StrContains(payload, document_id)) continue;
      std::optional<InFlightEntry> entry =
          stage == v1::STAGE_NAME_UNSPECIFIED ? ReadResult(payload) : ReadQueued(stage, payload);
      if (!entry || entry->terminal.item().document_id() != document_id) continue;
      if (stage != v1::STAGE_NAME_UNSPECIFIED) {
        QUERN_RETURN_IF_ERROR(AddHolder(stream, raw.array[0].string, &*entry));
      }
      found->push_back(*std::move(entry));
    }
    from = "(" + page.array.back().array[0].string;
  }
}

absl::Status InFlight::AddHolder(const std::string& stream, const std::string& entry_id, InFlightEntry* entry) {
  QUERN_ASSIGN_OR_RETURN(const Reply pending, redis_.Command({"XPENDING", stream, kGroup, entry_id, entry_id, "1"}));
  // Nobody has read it yet, or it has left its stream just now.
  if (pending.array.empty() || pending.array[0].array.size() < 4) return absl::OkStatus();
  const Reply& holder = pending.array[0];
  const auto deliveries = static_cast<uint32_t>(std::max<int64_t>(holder.array[3].integer, 0));
  const bool held = holder.array[1].string != kNobody;
  if (held) entry->worker = holder.array[1].string;
  // The delivery under way is no crash.
  entry->deliveries = held && deliveries > 0 ? deliveries - 1 : deliveries;
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const v1::Document>> InFlight::Document(const std::string& document_id) {
  const LaneKeys keys(job_id_, LaneOf(document_id, lanes_));
  QUERN_ASSIGN_OR_RETURN(const Reply bytes, redis_.Command({"HGET", keys.documents, document_id}));
  if (bytes.type != Reply::Type::kString) return nullptr;
  QUERN_ASSIGN_OR_RETURN(auto decoded, DecodeDocument(job_id_, document_id, bytes.string));
  return DocumentOf(std::move(decoded));
}

}  // namespace quern::queue
