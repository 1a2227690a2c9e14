#include "services/pipeline/traced_item.h"

#include "absl/strings/str_cat.h"
#include "services/pipeline/terminal_row.h"

namespace quern::pipeline {
namespace {

void TakeProvenance(const v1::Provenance& provenance, v1::TracedItem* item) {
  *item->mutable_stages() = provenance.stages();
  *item->mutable_failed_attempts() = provenance.failed_attempts();
  if (provenance.has_created_at()) *item->mutable_created_at() = provenance.created_at();
}

void TakeItem(const v1::WorkItem& from, v1::TracedItem* item) {
  item->set_domain(from.domain());
  if (from.has_persona()) *item->mutable_persona() = from.persona();
  item->set_question(from.question_answer().question());
  item->set_answer(from.question_answer().answer());
  *item->mutable_stages() = from.trace();
  *item->mutable_failed_attempts() = from.failed_attempts();
  item->set_generation(from.generation());
}

// How an item ended whose row is not written yet.
void TakeEnd(const v1::Terminal& terminal, v1::TracedItem* item) {
  const char* as = "a record";
  item->set_stage(v1::STAGE_NAME_VERIFIER);
  if (terminal.has_rejection()) {
    as = "rejected";
    item->set_stage(terminal.rejection().stage());
    item->set_reason(terminal.rejection().reason());
  } else if (terminal.has_death()) {
    as = "dead";
    item->set_stage(terminal.death().stage());
    item->set_reason(terminal.death().reason());
  }
  item->set_message(absl::StrCat("it is ", as, ", and waits to be written to the dataset"));
}

// What records and rejections have in common.
template <class Row>
v1::TracedItem TracedPair(const Row& row, const char* outcome) {
  v1::TracedItem item;
  item.set_id(row.id());
  item.set_outcome(outcome);
  item.set_domain(row.domain());
  if (row.has_persona()) *item.mutable_persona() = row.persona();
  item.set_question(row.question());
  item.set_answer(row.answer());
  item.set_generation(row.generation());
  TakeProvenance(row.provenance(), &item);
  return item;
}

}  // namespace

v1::TracedItem TracedRecord(const v1::RecordRow& row) {
  v1::TracedItem item = TracedPair(row, "record");
  item.set_stage(v1::STAGE_NAME_VERIFIER);
  return item;
}

v1::TracedItem TracedRejection(const v1::RejectionRow& row) {
  v1::TracedItem item = TracedPair(row, "rejected");
  item.set_stage(row.stage());
  item.set_reason(row.reason());
  item.set_message(row.message());
  return item;
}

v1::TracedItem TracedDeadLetter(const v1::DeadLetterRow& row) {
  v1::TracedItem item;
  TakeItem(row.item(), &item);
  item.set_id(row.id());
  item.set_outcome("dead");
  item.set_stage(row.stage());
  item.set_reason(row.reason());
  item.set_message(row.message());
  item.set_generation(row.generation());
  item.set_attempts(row.attempts());
  item.set_deliveries(row.deliveries());
  if (row.has_created_at()) *item.mutable_created_at() = row.created_at();
  return item;
}

v1::TracedItem TracedInFlight(const queue::InFlightEntry& entry) {
  v1::TracedItem item;
  TakeItem(entry.terminal.item(), &item);
  item.set_id(KeyOf(entry.terminal.item()));
  item.set_outcome("in_flight");
  item.set_stage(entry.stage);
  item.set_attempts(entry.attempts);
  item.set_deliveries(entry.deliveries);
  item.set_worker(entry.worker);
  if (entry.stage == v1::STAGE_NAME_UNSPECIFIED) TakeEnd(entry.terminal, &item);
  return item;
}

}  // namespace quern::pipeline
