#include "clients/cli/job_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cli/console.h"
#include "clients/cli/job_client.h"
#include "clients/cli/units.h"
#include "common/base/enum_text.h"

namespace quern::cli {
namespace {

constexpr size_t kReasonBytes = 200;

void AddTable(std::string* text, const std::string& title, std::vector<std::pair<uint64_t, std::string>> rows) {
  if (rows.empty()) return;
  std::sort(rows.rbegin(), rows.rend());
  absl::StrAppend(text, title, "\n");
  for (const auto& [count, name] : rows) absl::StrAppendFormat(text, "  %12s  %s\n", Grouped(count), name);
}

std::vector<std::pair<uint64_t, std::string>> Rows(const google::protobuf::RepeatedPtrField<v1::ReasonCount>& counts) {
  std::vector<std::pair<uint64_t, std::string>> rows;
  for (const v1::ReasonCount& count : counts) {
    rows.emplace_back(count.count(), absl::StrCat(StageText(count.stage()), " ", count.reason()));
  }
  return rows;
}

// One of the two equations of the design.
template <class Counts>
std::string Equation(uint64_t total, const char* total_name, uint64_t through, const char* through_name,
                     const Counts& counts) {
  return absl::StrFormat("%s %s = %s %s + %s rejected + %s dead + %s cancelled + %s in flight", Grouped(total),
                         total_name, Grouped(through), through_name, Grouped(counts.rejected()), Grouped(counts.dead()),
                         Grouped(counts.cancelled()), Grouped(counts.in_flight()));
}

// What the job has spent on models, a line for each stage and model, and the sum.
void AddSpending(const v1::Job& job, std::string* text) {
  if (job.usage().empty()) return;
  const std::string currency = CurrencyOf(job);
  absl::StrAppend(text, "spent on models:\n");
  double cost = 0;
  for (const v1::StageUsage& spent : job.usage()) {
    const v1::ModelUsage& usage = spent.usage();
    cost += usage.cost();
    absl::StrAppendFormat(text, "  %12s  %s %s: %s tokens in (%s cached), %s out, %.4f %s",
                          Counted(usage.calls(), "call"), spent.stage(), Printable(spent.model(), kReasonBytes),
                          Grouped(usage.input_tokens()), Grouped(usage.cached_tokens()), Grouped(usage.output_tokens()),
                          usage.cost(), currency);
    if (usage.retries() > 0) absl::StrAppend(text, ", ", Grouped(usage.retries()), " sent again");
    if (usage.ambiguous_calls() > 0) {
      absl::StrAppend(text, ", ", Grouped(usage.ambiguous_calls()), " may be billed without a reply");
    }
    if (usage.reused_replies() > 0) {
      absl::StrAppend(text, ", ", Grouped(usage.reused_replies()), " taken from the reply cache");
    }
    absl::StrAppend(text, "\n");
  }
  absl::StrAppendFormat(text, "  %.4f %s in all", cost, currency);
  if (job.budget().max_cost() > 0) absl::StrAppendFormat(text, ", of %.4f at most", job.budget().max_cost());
  if (job.budget().max_tokens() > 0) {
    absl::StrAppend(text, "; ", Grouped(job.budget().max_tokens()), " tokens at most");
  }
  absl::StrAppend(text, "\n");
}

}  // namespace

std::string StageText(v1::StageName stage) {
  if (stage == v1::STAGE_NAME_UNSPECIFIED) return "unknown";
  return EnumText(*v1::StageName_descriptor(), stage);
}

std::string StateText(v1::JobState state) {
  if (state == v1::JOB_STATE_UNSPECIFIED) return "unknown";
  return EnumText(*v1::JobState_descriptor(), state);
}

std::string JobTitle(const v1::Job& job) {
  std::string title = "job " + JobId(job.name());
  if (job.state() != v1::JOB_STATE_RUNNING) absl::StrAppend(&title, ", ", StateText(job.state()));
  if (!job.state_reason().empty()) absl::StrAppend(&title, " (", Printable(job.state_reason(), kReasonBytes), ")");
  return title;
}

std::string CurrencyOf(const v1::Job& job) {
  return job.budget().currency().empty() ? "USD" : Printable(job.budget().currency(), kReasonBytes);
}

std::vector<std::string> DownTexts(const v1::Job& job) {
  std::vector<std::string> texts;
  for (const v1::EndpointDown& down : job.endpoints_down()) {
    texts.push_back(
        absl::StrCat(Printable(down.endpoint(), kReasonBytes), ": ", Printable(down.reason(), kReasonBytes)));
  }
  return texts;
}

std::string JobReport(const v1::Job& job) {
  const v1::JobCounts& counts = job.counts();
  std::string text = absl::StrCat(JobTitle(job), job.state() == v1::JOB_STATE_RUNNING ? ", running" : "",
                                  job.input_closed() ? "" : ", input open", "\n");
  if (!job.dataset_path().empty()) absl::StrAppend(&text, "dataset: ", job.dataset_path(), "\n");
  absl::StrAppend(&text, "documents: ",
                  Equation(counts.documents().accepted(), "accepted", counts.documents().expanded(), "expanded",
                           counts.documents()),
                  "\n");
  absl::StrAppend(&text, "items: ",
                  Equation(counts.items().created(), "created", counts.items().records(), "records", counts.items()),
                  "\n");
  if (!counts.reconciles()) absl::StrAppend(&text, "THE COUNTS DO NOT RECONCILE: please report this.\n");
  if (counts.documents().duplicates() > 0) {
    absl::StrAppend(&text, "duplicates left out: ", Grouped(counts.documents().duplicates()), "\n");
  }
  // One that is reached stands in the state's reason.
  const uint64_t target = job.spec().target_records();
  if (job.state() == v1::JOB_STATE_COMPLETED && counts.items().records() < target) {
    absl::StrAppend(&text, "target of ", Counted(target, "record"), " not reached: the documents gave no more\n");
  }
  AddTable(&text, "rejected, by stage and reason:", Rows(counts.rejections()));
  AddTable(&text, "dead letters, by stage and reason:", Rows(counts.dead_letters()));
  std::vector<std::pair<uint64_t, std::string>> domains;
  for (const v1::DomainCount& domain : counts.domains()) {
    domains.emplace_back(domain.records(), Printable(domain.domain(), kReasonBytes));
  }
  AddTable(&text, "records, by domain:", std::move(domains));
  AddSpending(job, &text);
  for (const std::string& down : DownTexts(job))
    absl::StrAppend(&text, "no answer from ", down, "; calls to it wait\n");
  return text;
}

std::string JobLine(const v1::Job& job) {
  const v1::JobCounts& counts = job.counts();
  const std::string reason = Printable(job.state_reason(), kReasonBytes);
  return absl::StrFormat(
      "%-32s  %-10s  %22s  %20s  %8s dead  %12s in flight%s", JobId(job.name()), StateText(job.state()),
      Counted(counts.documents().accepted(), "document"), Counted(counts.items().records(), "record"),
      Grouped(counts.documents().dead() + counts.items().dead()),
      Grouped(counts.documents().in_flight() + counts.items().in_flight()), reason.empty() ? "" : "  (" + reason + ")");
}

}  // namespace quern::cli
