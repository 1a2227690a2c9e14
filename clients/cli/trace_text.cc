#include "clients/cli/trace_text.h"

#include <cstdint>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "clients/cli/console.h"
#include "clients/cli/job_text.h"
#include "clients/cli/units.h"

namespace quern::cli {
namespace {

constexpr size_t kNameBytes = 100;
constexpr size_t kPhraseBytes = 300;

// "2026-11-28 12:00:00.000": all times of a trace line up.
std::string Moment(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M:%E3S", time, absl::UTCTimeZone()); }

// Rows of earlier versions tell no times.
std::string Moment(int64_t unix_ms) {
  return unix_ms == 0 ? absl::StrFormat("%23s", "-") : Moment(absl::FromUnixMillis(unix_ms));
}

std::string Took(int64_t began_ms, int64_t ended_ms) {
  if (began_ms == 0) return "-";
  const absl::Duration took = absl::Milliseconds(ended_ms - began_ms);
  if (took >= absl::Minutes(1)) return Lasting(took);
  return absl::StrFormat("%.3fs", absl::ToDoubleSeconds(took));
}

// ", 1 call, 812 tokens in (0 cached), 40 out, cost 0.0012"; "" where no model was asked.
template <class Use>
std::string UsageText(const Use& use) {
  if (use.calls() == 0 && use.input_tokens() == 0) return "";
  std::string text = absl::StrCat(", ", Counted(use.calls(), "call"), ", ", Grouped(use.input_tokens()), " tokens in (",
                                  Grouped(use.cached_tokens()), " cached), ", Grouped(use.output_tokens()), " out");
  if (use.cost() > 0) absl::StrAppendFormat(&text, ", cost %.6f", use.cost());
  return text;
}

std::string Line(const char* margin, int64_t began_ms, int64_t ended_ms, v1::StageName stage, std::string_view what) {
  return absl::StrFormat("%s%-9s  %s  %8s  %s\n", margin, StageText(stage), Moment(began_ms), Took(began_ms, ended_ms),
                         what);
}

std::string AttemptText(const char* margin, const v1::FailedAttempt& attempt) {
  return Line(margin, attempt.started_ms(), attempt.ended_ms(), attempt.stage(),
              absl::StrCat("FAILED ", Printable(attempt.reason(), kNameBytes), UsageText(attempt)));
}

std::string StageLine(const char* margin, const v1::StageTrace& stage) {
  std::string what = stage.engine() == v1::ENGINE_LLM ? Printable(stage.model(), kNameBytes) : "rules";
  if (!stage.version().empty()) absl::StrAppend(&what, " (", Printable(stage.version(), kNameBytes), ")");
  absl::StrAppend(&what, UsageText(stage));
  if (stage.tokens_estimated()) absl::StrAppend(&what, ", tokens estimated");
  if (stage.reused_replies() > 0) {
    absl::StrAppend(&what, ", ", Grouped(stage.reused_replies()), " taken from the reply cache");
  }
  if (stage.attempts() > 0) absl::StrAppend(&what, ", after ", Counted(stage.attempts(), "failed attempt"));
  if (stage.deliveries() > 0) {
    absl::StrAppend(&what, ", ", Counted(stage.deliveries(), "worker"), " crashed or was lost over it");
  }
  return Line(margin, stage.started_ms(), stage.ended_ms(), stage.stage(), what);
}

// What happened in the stages from `first` to `last`, in their order.
std::string Stages(const char* margin, const v1::TracedItem& item, v1::StageName first, v1::StageName last) {
  std::string text;
  for (int stage = first; stage <= last; ++stage) {
    for (const v1::FailedAttempt& attempt : item.failed_attempts()) {
      if (attempt.stage() == stage) text += AttemptText(margin, attempt);
    }
    for (const v1::StageTrace& trace : item.stages()) {
      if (trace.stage() == stage) text += StageLine(margin, trace);
    }
  }
  return text;
}

std::string InFlightText(const v1::TracedItem& item) {
  std::string text = "in flight";
  if (item.stage() != v1::STAGE_NAME_UNSPECIFIED) absl::StrAppend(&text, ", ", StageText(item.stage()));
  if (!item.reason().empty()) absl::StrAppend(&text, ", ", Printable(item.reason(), kNameBytes));
  if (!item.message().empty()) return absl::StrCat(text, ": ", Printable(item.message(), kPhraseBytes));
  absl::StrAppend(&text, item.worker().empty() ? ": it waits for a worker" : ": held by ",
                  Printable(item.worker(), kNameBytes));
  if (item.attempts() > 0) absl::StrAppend(&text, ", ", Counted(item.attempts(), "failed attempt"), " so far");
  if (item.deliveries() > 0) absl::StrAppend(&text, ", delivered ", Grouped(item.deliveries()), " times in vain");
  return text;
}

std::string OutcomeText(const v1::TracedItem& item) {
  if (item.outcome() == "in_flight") return InFlightText(item);
  std::string text = item.outcome();
  if (item.outcome() != "record") {
    absl::StrAppend(&text, ", ", StageText(item.stage()), ", ", Printable(item.reason(), kNameBytes));
    if (!item.message().empty()) absl::StrAppend(&text, ": ", Printable(item.message(), kPhraseBytes));
  }
  if (item.deliveries() > 0)
    absl::StrAppend(&text, " (", Grouped(item.deliveries()), " times delivered to a worker there)");
  if (item.has_created_at()) {
    const absl::Time time =
        absl::FromUnixSeconds(item.created_at().seconds()) + absl::Nanoseconds(item.created_at().nanos());
    absl::StrAppend(&text, "; written ", Moment(time));
  }
  return text;
}

void AddField(const char* name, const std::string& value, std::string* text) {
  if (!value.empty()) absl::StrAppendFormat(text, "  %-9s  %s\n", name, Printable(value, kPhraseBytes));
}

bool IsItem(const v1::TraceDocumentResponse& trace, const v1::TracedItem& item) {
  return item.id() != trace.document_id();
}

}  // namespace

std::string TraceText(const v1::TraceDocumentResponse& trace) {
  std::string text = absl::StrCat("trace      ", trace.trace_id(), "\ndocument   ",
                                  Printable(trace.document_id(), kPhraseBytes), "\n");
  if (!trace.source().empty()) absl::StrAppend(&text, "source     ", Printable(trace.source(), kPhraseBytes), "\n");
  // Items of one generation share what came before they were made.
  std::set<uint32_t> shared;
  for (const v1::TracedItem& item : trace.items()) {
    const bool is_item = IsItem(trace, item);
    if (is_item && shared.insert(item.generation()).second) {
      const std::string before = Stages("", item, v1::STAGE_NAME_INGEST, v1::STAGE_NAME_PERSONA);
      if (!before.empty()) absl::StrAppend(&text, "\n", before);
      if (!item.domain().empty()) absl::StrAppend(&text, "domain     ", Printable(item.domain(), kNameBytes), "\n");
    }
    absl::StrAppend(&text, "\n", Printable(item.id(), kPhraseBytes));
    if (item.generation() > 0) absl::StrAppend(&text, ", redriven ", Counted(item.generation(), "time"));
    text += "\n";
    AddField("persona", item.persona().description(), &text);
    text += Stages("  ", item, is_item ? v1::STAGE_NAME_GENERATOR : v1::STAGE_NAME_INGEST, v1::STAGE_NAME_VERIFIER);
    AddField("question", item.question(), &text);
    AddField("answer", item.answer(), &text);
    absl::StrAppend(&text, "  = ", OutcomeText(item), "\n");
  }
  return text;
}

}  // namespace quern::cli
