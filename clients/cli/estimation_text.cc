#include "clients/cli/estimation_text.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/units.h"

namespace quern::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kConfidence = 0.95;

std::string Whole(double number) { return Grouped(static_cast<uint64_t>(std::llround(number))); }
std::string Money(double cost) { return absl::StrFormat("%.4f", cost); }
std::string Time(double seconds) { return Lasting(absl::Seconds(seconds)); }

void AddRow(const std::string& name, const Interval& interval, bool known, std::string (*show)(double),
            std::string* text) {
  absl::StrAppendFormat(text, "  %-14s %16s", name, show(interval.value));
  if (known) {
    absl::StrAppend(text, "\n");
  } else if (interval.value <= 0) {
    absl::StrAppend(text, "    none in the sample\n");
  } else {
    absl::StrAppendFormat(text, "    %s to %s\n", show(interval.low), show(interval.high));
  }
}

DocumentUsage Together(const UsageByDocument::Usages& usages) {
  DocumentUsage sum;
  for (const auto& [asked, usage] : usages) sum += usage;
  return sum;
}

// The sentence about what was drawn from what.
std::string Heading(const EstimateReport& report) {
  const SampleFrame& frame = report.corpus.frame;
  const auto documents = static_cast<uint64_t>(frame.all_copies);
  const size_t drawn = report.outcome.documents.size();
  std::string text = absl::StrCat("the corpus: ", Counted(documents, "document"), ", ",
                                  Bytes(static_cast<uint64_t>(frame.all_bytes)), " of text");
  const double repeated = frame.all_copies - DifferentDocuments(frame);
  if (repeated >= 0.5) {
    absl::StrAppend(&text, frame.complete ? ", " : ", about ", Whole(repeated),
                    " of them repeated, which a job leaves out");
  }
  if (report.corpus.unreadable > 0) absl::StrAppend(&text, "; ", Grouped(report.corpus.unreadable), " unreadable");
  if (frame.complete) {
    absl::StrAppend(&text, "\nall of them were worked off: this is what they took, and no estimate\n");
  } else {
    absl::StrAppend(&text, "\n", Grouped(drawn),
                    " of them, drawn at random, were worked off; for all it would be, with 95 % ", "confidence:\n");
  }
  return text;
}

std::string SampleText(const EstimateReport& report) {
  const UsageByDocument::Usages all = SumOf(report.outcome.usages);
  const DocumentUsage sum = Together(all);
  std::string text = absl::StrCat("the sample itself took ", PaidText(all, report.currency), " and ",
                                  Lasting(report.outcome.lasted), "\n");
  if (sum.reused > 0) {
    absl::StrAppend(&text, Grouped(sum.reused), " of its ", Grouped(sum.reused + sum.calls),
                    " replies came from the reply cache; above they are counted as if they had been asked for\n");
  }
  if (report.replies_kept) {
    absl::StrAppend(
        &text, "its replies are in the reply cache: a run with the same --reply-cache does not pay for them again\n");
  }
  if (report.outcome.dead > 0) {
    absl::StrAppend(
        &text, "warning: ", Counted(report.outcome.dead, "dead letter"),
        " in the sample; the corpus will have as large a share of them, and each was asked for several times\n");
  }
  return text;
}

Json IntervalJson(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

}  // namespace

std::string PaidText(const UsageByDocument::Usages& usages, const std::string& currency) {
  const DocumentUsage sum = Together(usages);
  return absl::StrFormat("%s, %s, %s %s", Counted(sum.calls, "call"),
                         Counted(sum.tokens.input + sum.tokens.output, "token"), Money(sum.cost), currency);
}

std::string EstimateText(const EstimateReport& report) {
  const Estimation& estimation = report.estimation;
  const bool known = report.corpus.frame.complete;
  std::string text = Heading(report);
  for (const auto& [stage, calls] : estimation.calls) AddRow(stage + " calls", calls, known, &Whole, &text);
  AddRow("all calls", estimation.all_calls, known, &Whole, &text);
  AddRow("tokens in", estimation.input_tokens, known, &Whole, &text);
  AddRow("  cached", estimation.cached_tokens, known, &Whole, &text);
  AddRow("tokens out", estimation.output_tokens, known, &Whole, &text);
  AddRow("records", estimation.records, known, &Whole, &text);
  AddRow("cost in " + report.currency, estimation.cost, known, &Money, &text);
  if (estimation.prices_missing)
    absl::StrAppend(&text, "  (a model has no price in the spec: its cost is not counted)\n");
  if (estimation.time) {
    AddRow("time", estimation.time->seconds, known, &Time, &text);
    absl::StrAppend(&text, "  (", estimation.time->limit, ")\n");
  } else {
    absl::StrAppend(&text, "  the time is not known: no call was made whose time could be taken\n");
  }
  if (report.target_records > 0 && estimation.records.value > static_cast<double>(report.target_records)) {
    absl::StrAppendFormat(&text, "the job ends at target_records: with about %.0f %% of all this\n",
                          100 * static_cast<double>(report.target_records) / estimation.records.value);
  }
  return text + SampleText(report);
}

std::string EstimateJson(const EstimateReport& report) {
  const Estimation& estimation = report.estimation;
  const SampleFrame& frame = report.corpus.frame;
  const DocumentUsage sum = Together(SumOf(report.outcome.usages));
  Json json = {{"documents", static_cast<uint64_t>(frame.all_copies)},
               {"different_documents", std::round(DifferentDocuments(frame))},
               {"unreadable", report.corpus.unreadable},
               {"bytes", static_cast<uint64_t>(frame.all_bytes)},
               {"confidence", kConfidence},
               {"exact", frame.complete}};
  json["sample"] = {{"documents", report.outcome.documents.size()},
                    {"dead_letters", report.outcome.dead},
                    {"calls", sum.calls},
                    {"reused_replies", sum.reused},
                    {"input_tokens", sum.tokens.input},
                    {"cached_tokens", sum.tokens.cached},
                    {"output_tokens", sum.tokens.output},
                    {"cost", sum.cost},
                    {"seconds", absl::ToDoubleSeconds(report.outcome.lasted)}};
  for (const auto& [stage, calls] : estimation.calls) json["calls"][stage] = IntervalJson(calls);
  json["calls"]["all"] = IntervalJson(estimation.all_calls);
  json["input_tokens"] = IntervalJson(estimation.input_tokens);
  json["cached_tokens"] = IntervalJson(estimation.cached_tokens);
  json["output_tokens"] = IntervalJson(estimation.output_tokens);
  json["records"] = IntervalJson(estimation.records);
  json["cost"] = IntervalJson(estimation.cost);
  json["currency"] = report.currency;
  json["prices_missing"] = estimation.prices_missing;
  json["seconds"] = estimation.time ? IntervalJson(estimation.time->seconds) : Json(nullptr);
  json["limit"] = estimation.time ? Json(estimation.time->limit) : Json(nullptr);
  return json.dump() + "\n";
}

}  // namespace quern::cli
