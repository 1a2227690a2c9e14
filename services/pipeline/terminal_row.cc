#include "services/pipeline/terminal_row.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/trace_context.h"
#include "common/base/version.h"
#include "google/protobuf/timestamp.pb.h"

namespace quern::pipeline {
namespace {

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t nanos = absl::ToUnixNanos(time);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

void FillProvenance(const RowContext& context, v1::WorkItem* item, const v1::Document* document, absl::Time now,
                    v1::Provenance* out) {
  out->set_job(context.job);
  out->set_spec_hash(context.spec_hash);
  *out->mutable_stages() = std::move(*item->mutable_trace());
  if (document != nullptr) out->set_source(document->source());
  out->set_quern_version(std::string(Version()));
  SetTime(now, out->mutable_created_at());
  out->set_trace_id(TraceIdOf(context, *item, document));
  *out->mutable_failed_attempts() = std::move(*item->mutable_failed_attempts());
}

v1::RejectionRow MakeRejection(const RowContext& context, const v1::Rejection& rejection, v1::WorkItem* item,
                               const v1::Document* document, absl::Time now) {
  v1::RejectionRow row;
  row.set_id(KeyOf(*item));
  row.set_document_id(item->document_id());
  row.set_stage(rejection.stage());
  row.set_reason(rejection.reason());
  if (rejection.has_value()) row.set_value(rejection.value());
  if (rejection.has_threshold()) row.set_threshold(rejection.threshold());
  row.set_message(rejection.message());
  row.set_domain(item->domain());
  if (item->has_persona()) *row.mutable_persona() = std::move(*item->mutable_persona());
  if (item->has_question_answer()) {
    row.set_question(std::move(*item->mutable_question_answer()->mutable_question()));
    row.set_answer(std::move(*item->mutable_question_answer()->mutable_answer()));
  }
  if (document != nullptr) row.set_source(document->source());
  row.set_generation(item->generation());
  if (rejection.has_reply()) *row.mutable_reply() = rejection.reply();
  FillProvenance(context, item, document, now, row.mutable_provenance());
  return row;
}

v1::DeadLetterRow MakeDeadLetter(const v1::Death& death, const v1::WorkItem& item, const v1::Document* document,
                                 absl::Time now) {
  v1::DeadLetterRow row;
  // For unreadable input the queue names the line in place of a document.
  row.set_id(KeyOf(item));
  if (!death.unreadable()) {
    row.set_document_id(item.document_id());
    *row.mutable_item() = item;
  }
  row.set_stage(death.stage());
  row.set_reason(death.reason());
  row.set_message(death.message());
  row.set_attempts(death.attempts());
  row.set_deliveries(death.deliveries());
  row.set_redrivable(!death.unreadable() && document != nullptr);
  if (document != nullptr) *row.mutable_document() = *document;
  row.set_source(death.source().empty() && document != nullptr ? document->source() : death.source());
  row.set_position(death.position());
  row.set_generation(item.generation());
  SetTime(now, row.mutable_created_at());
  if (death.has_reply()) *row.mutable_reply() = death.reply();
  return row;
}

}  // namespace

std::string KeyOf(const v1::WorkItem& item) {
  if (!item.expanded()) return item.document_id();
  return absl::StrFormat("%s#%d", item.document_id(), item.ordinal());
}

std::string TraceIdOf(const RowContext& context, const v1::WorkItem& item, const v1::Document* document) {
  if (!context.trace_id.empty()) return context.trace_id;
  const absl::string_view job = absl::StripPrefix(context.job, "jobs/");
  return TraceOfDocument({job.data(), job.size()}, item.document_id(),
                         document == nullptr ? std::string_view() : document->traceparent())
      .trace_id;
}

v1::RecordRow MakeRecord(const RowContext& context, v1::WorkItem* item, const v1::Document& document, absl::Time now) {
  v1::QuestionAnswer& pair = *item->mutable_question_answer();
  v1::RecordRow row;
  row.set_id(KeyOf(*item));
  row.set_document_id(item->document_id());
  if (context.document_text) row.set_document_text(document.text());
  row.set_document_title(document.title());
  row.set_domain(item->domain());
  *row.mutable_persona() = std::move(*item->mutable_persona());
  row.set_question(std::move(*pair.mutable_question()));
  row.set_answer(std::move(*pair.mutable_answer()));
  row.set_answer_type(pair.answer_type());
  if (pair.has_answer_span()) *row.mutable_answer_span() = pair.answer_span();
  if (pair.has_evidence_span()) *row.mutable_evidence_span() = pair.evidence_span();
  row.set_rule(std::move(*pair.mutable_rule()));
  *row.mutable_checks() = std::move(*item->mutable_checks());
  if (item->has_filter()) *row.mutable_filter() = std::move(*item->mutable_filter());
  if (document.has_metadata()) *row.mutable_metadata() = document.metadata();
  FillProvenance(context, item, &document, now, row.mutable_provenance());
  row.set_generation(item->generation());
  return row;
}

Row MakeRow(const RowContext& context, v1::Terminal* terminal, const v1::Document* document, absl::Time now) {
  v1::WorkItem* const item = terminal->mutable_item();
  switch (terminal->end_case()) {
    case v1::Terminal::kRejection:
      return MakeRejection(context, terminal->rejection(), item, document, now);
    case v1::Terminal::kDeath:
      return MakeDeadLetter(terminal->death(), *item, document, now);
    case v1::Terminal::kCancelled:
      return std::monostate();
    case v1::Terminal::END_NOT_SET:
      break;
  }
  return MakeRecord(context, item, document == nullptr ? v1::Document::default_instance() : *document, now);
}

}  // namespace quern::pipeline
