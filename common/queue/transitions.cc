#include "common/queue/transitions.h"

#include <algorithm>
#include <utility>

#include "common/queue/queue_limits.h"
#include "quern/v1/queue.pb.h"

namespace quern::queue {
namespace {

// The key of what comes out is that of what went in.
void CopyKey(const v1::WorkItem& from, v1::WorkItem* to) {
  to->set_document_id(from.document_id());
  to->set_ordinal(from.ordinal());
  to->set_expanded(from.expanded());
  to->set_generation(from.generation());
}

v1::QueueEntry MakeEntry(v1::WorkItem item, uint64_t document_hash) {
  v1::QueueEntry entry;
  entry.set_schema(kEntrySchema);
  *entry.mutable_item() = std::move(item);
  entry.set_document_hash(document_hash);
  return entry;
}

v1::Terminal MakeTerminal(v1::WorkItem item, uint64_t document_hash) {
  v1::Terminal terminal;
  terminal.set_schema(kEntrySchema);
  *terminal.mutable_item() = std::move(item);
  terminal.set_document_hash(document_hash);
  return terminal;
}

Settlement Make(Entry entry, Settlement::Kind kind, std::vector<std::string> payloads) {
  Settlement settlement;
  settlement.lane = std::move(entry.lane);
  settlement.id = std::move(entry.id);
  settlement.kind = kind;
  settlement.payloads = std::move(payloads);
  settlement.item = std::move(entry.item);
  return settlement;
}

}  // namespace

size_t Settlement::bytes() const {
  size_t bytes = id.size() + item.document_id().size();
  for (const std::string& payload : payloads) bytes += payload.size();
  return bytes;
}

v1::WorkItem TakeItem(Entry* entry) {
  v1::WorkItem item = std::exchange(entry->item, v1::WorkItem());
  CopyKey(item, &entry->item);
  entry->item_is_taken = true;
  return item;
}

void RestoreItem(Entry* entry) {
  if (!std::exchange(entry->item_is_taken, false)) return;
  v1::QueueEntry stored;
  // It could be read when it came.
  stored.ParseFromString(entry->payload);
  entry->item = std::move(*stored.mutable_item());
}

Settlement MakeAdvance(Entry entry, std::vector<v1::WorkItem> outputs) {
  const v1::StageName stage = entry.lane->stage;
  const bool expands = stage == v1::STAGE_NAME_PERSONA && !entry.item.expanded();
  const bool is_record = stage == v1::STAGE_NAME_VERIFIER;
  if (outputs.empty() || (!expands && outputs.size() > 1) || (is_record && !entry.item.expanded())) {
    return MakeDeath(std::move(entry), "INVALID_OUTPUT", "the stage made a wrong number of outputs");
  }
  std::vector<std::string> payloads;
  for (size_t i = 0; i < outputs.size(); ++i) {
    CopyKey(entry.item, &outputs[i]);
    if (expands) {
      outputs[i].set_ordinal(static_cast<uint32_t>(i));
      outputs[i].set_expanded(true);
    }
    payloads.push_back(is_record ? MakeTerminal(std::move(outputs[i]), entry.document_hash).SerializeAsString()
                                 : MakeEntry(std::move(outputs[i]), entry.document_hash).SerializeAsString());
  }
  return Make(std::move(entry), expands ? Settlement::Kind::kExpand : Settlement::Kind::kAdvance, std::move(payloads));
}

Settlement MakeRejection(Entry entry, v1::Rejection rejection, v1::WorkItem item) {
  CopyKey(entry.item, &item);
  v1::Terminal terminal = MakeTerminal(std::move(item), entry.document_hash);
  *terminal.mutable_rejection() = std::move(rejection);
  return Make(std::move(entry), Settlement::Kind::kEnd, {terminal.SerializeAsString()});
}

Settlement MakeDeath(Entry entry, std::string reason, std::string message, v1::ModelReply reply) {
  RestoreItem(&entry);
  v1::Terminal terminal = MakeTerminal(entry.item, entry.document_hash);
  v1::Death& death = *terminal.mutable_death();
  death.set_stage(entry.lane->stage);
  death.set_reason(std::move(reason));
  death.set_message(std::move(message));
  death.set_attempts(entry.attempts);
  death.set_deliveries(entry.deliveries);
  if (!reply.task().empty()) *death.mutable_reply() = std::move(reply);
  return Make(std::move(entry), Settlement::Kind::kEnd, {terminal.SerializeAsString()});
}

void AddFailedAttempt(v1::FailedAttempt attempt, const std::string& reason, Entry* entry) {
  RestoreItem(entry);
  attempt.set_stage(entry->lane->stage);
  attempt.set_reason(reason);
  *entry->item.add_failed_attempts() = std::move(attempt);
  ++entry->attempts;
}

Settlement MakeRetry(Entry entry, absl::Duration delay, std::string reason, std::string message, v1::ModelReply reply) {
  if (entry.attempts >= MaxAttemptsOf(*entry.lane->job->spec())) {
    return MakeDeath(std::move(entry), std::move(reason), std::move(message), std::move(reply));
  }
  RestoreItem(&entry);
  v1::QueueEntry again = MakeEntry(entry.item, entry.document_hash);
  again.set_attempts(entry.attempts);
  again.set_not_before_ms(entry.lane->clock->NowMs() +
                          absl::ToInt64Milliseconds(std::max(delay, absl::ZeroDuration())));
  return Make(std::move(entry), Settlement::Kind::kRetry, {again.SerializeAsString()});
}

Settlement MakeCancellation(Entry entry) {
  Settlement settlement = Make(std::move(entry), Settlement::Kind::kEnd, {});
  TurnIntoCancellation(&settlement);
  return settlement;
}

Settlement MakeHandBack(Entry entry) {
  const uint32_t deliveries = entry.deliveries - 1;
  Settlement settlement = Make(std::move(entry), Settlement::Kind::kHandBack, {});
  settlement.deliveries = deliveries;
  return settlement;
}

Settlement MakePark(std::shared_ptr<Lane> lane, std::string id) {
  Settlement settlement;
  settlement.lane = std::move(lane);
  settlement.id = std::move(id);
  settlement.kind = Settlement::Kind::kPark;
  return settlement;
}

void TurnIntoCancellation(Settlement* settlement) {
  v1::Terminal terminal = MakeTerminal(settlement->item, 0);
  terminal.set_cancelled(true);
  settlement->kind = Settlement::Kind::kEnd;
  settlement->payloads = {terminal.SerializeAsString()};
}

}  // namespace quern::queue
