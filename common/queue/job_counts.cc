#include "common/queue/job_counts.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <map>

#include "common/queue/fields.h"

namespace quern::queue {
namespace {

using Fields = std::map<std::string, std::string>;

uint64_t Value(const Fields& fields, const char* name) {
  const auto found = fields.find(name);
  return found == fields.end() ? 0 : static_cast<uint64_t>(NumberOf(found->second));
}

void AddCounters(const Fields& fields, v1::JobCounts* counts) {
  v1::DocumentCounts& documents = *counts->mutable_documents();
  documents.set_accepted(documents.accepted() + Value(fields, "documents_accepted"));
  documents.set_expanded(documents.expanded() + Value(fields, "documents_expanded"));
  documents.set_rejected(documents.rejected() + Value(fields, "documents_rejected"));
  documents.set_dead(documents.dead() + Value(fields, "documents_dead"));
  documents.set_cancelled(documents.cancelled() + Value(fields, "documents_cancelled"));
  documents.set_in_flight(documents.in_flight() + Value(fields, "documents_in_flight"));
  documents.set_duplicates(documents.duplicates() + Value(fields, "duplicates"));
  v1::ItemCounts& items = *counts->mutable_items();
  items.set_created(items.created() + Value(fields, "items_created"));
  items.set_records(items.records() + Value(fields, "items_records"));
  items.set_rejected(items.rejected() + Value(fields, "items_rejected"));
  items.set_dead(items.dead() + Value(fields, "items_dead"));
  items.set_cancelled(items.cancelled() + Value(fields, "items_cancelled"));
  items.set_in_flight(items.in_flight() + Value(fields, "items_in_flight"));
  counts->set_documents_held(counts->documents_held() + Value(fields, "documents_held"));
  counts->set_bytes_held(counts->bytes_held() + Value(fields, "bytes_held"));
  counts->set_fenced_transitions(counts->fenced_transitions() + Value(fields, "fenced"));
  counts->set_reclaimed(counts->reclaimed() + Value(fields, "reclaimed"));
  counts->set_retries(counts->retries() + Value(fields, "retries"));
}

// "kind:stage:reason", as ReasonField writes it.
void AddReason(const std::string& field, uint64_t count, v1::JobCounts* counts) {
  const size_t first = field.find(':');
  const size_t second = field.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos || count == 0) return;
  const auto stage = static_cast<v1::StageName>(NumberOf(field.substr(first + 1, second - first - 1)));
  const std::string reason = field.substr(second + 1);
  auto* list = field.substr(0, first) == "dead" ? counts->mutable_dead_letters() : counts->mutable_rejections();
  for (v1::ReasonCount& known : *list) {
    if (known.stage() != stage || known.reason() != reason) continue;
    known.set_count(known.count() + count);
    return;
  }
  v1::ReasonCount* added = list->Add();
  added->set_stage(stage);
  added->set_reason(reason);
  added->set_count(count);
}

void AddDomain(const std::string& domain, uint64_t records, v1::JobCounts* counts) {
  for (v1::DomainCount& known : *counts->mutable_domains()) {
    if (known.domain() != domain) continue;
    known.set_records(known.records() + records);
    return;
  }
  v1::DomainCount* added = counts->add_domains();
  added->set_domain(domain);
  added->set_records(records);
}

void AddBacklog(const Reply& backlog, v1::JobCounts* counts) {
  // Four stages in their order, then the results.
  constexpr size_t kValues = 3;
  for (size_t i = 0; i + kValues <= backlog.array.size(); i += kValues) {
    const size_t index = i / kValues;
    if (static_cast<size_t>(counts->backlog_size()) <= index) {
      counts->add_backlog()->set_stage(index < 4 ? static_cast<v1::StageName>(v1::STAGE_NAME_FILTER + index)
                                                 : v1::STAGE_NAME_UNSPECIFIED);
    }
    v1::StageBacklog& stage = *counts->mutable_backlog(static_cast<int>(index));
    stage.set_entries(stage.entries() + static_cast<uint64_t>(backlog.array[i].integer));
    stage.set_pending(stage.pending() + static_cast<uint64_t>(backlog.array[i + 1].integer));
    const int64_t written_ms = WrittenMs(backlog.array[i + 2].string);
    const int64_t known_ms = google::protobuf::util::TimeUtil::TimestampToMilliseconds(stage.oldest_at());
    if (written_ms > 0 && (known_ms == 0 || written_ms < known_ms)) {
      *stage.mutable_oldest_at() = google::protobuf::util::TimeUtil::MillisecondsToTimestamp(written_ms);
    }
  }
}

}  // namespace

void AddLaneCounts(const Reply& snapshot, v1::JobCounts* counts) {
  if (snapshot.array.size() < 5) return;
  AddCounters(FieldsOf(snapshot.array[1]), counts);
  for (const auto& [field, value] : FieldsOf(snapshot.array[2])) {
    AddReason(field, static_cast<uint64_t>(NumberOf(value)), counts);
  }
  for (const auto& [domain, value] : FieldsOf(snapshot.array[3])) {
    AddDomain(domain, static_cast<uint64_t>(NumberOf(value)), counts);
  }
  AddBacklog(snapshot.array[4], counts);
}

void FinishCounts(v1::JobCounts* counts) {
  const v1::DocumentCounts& documents = counts->documents();
  const v1::ItemCounts& items = counts->items();
  counts->set_reconciles(documents.accepted() == documents.expanded() + documents.rejected() + documents.dead() +
                                                     documents.cancelled() + documents.in_flight() &&
                         items.created() ==
                             items.records() + items.rejected() + items.dead() + items.cancelled() + items.in_flight());
  const auto by_stage_and_count = [](const v1::ReasonCount& a, const v1::ReasonCount& b) {
    return std::make_tuple(a.stage(), b.count(), a.reason()) < std::make_tuple(b.stage(), a.count(), b.reason());
  };
  std::sort(counts->mutable_rejections()->begin(), counts->mutable_rejections()->end(), by_stage_and_count);
  std::sort(counts->mutable_dead_letters()->begin(), counts->mutable_dead_letters()->end(), by_stage_and_count);
  std::sort(counts->mutable_domains()->begin(), counts->mutable_domains()->end(),
            [](const v1::DomainCount& a, const v1::DomainCount& b) { return a.domain() < b.domain(); });
}

}  // namespace quern::queue
