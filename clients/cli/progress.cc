#include "clients/cli/progress.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cli/job_text.h"
#include "clients/cli/units.h"

namespace quern::cli {
namespace {

constexpr size_t kReasonsShown = 5;
constexpr char kBold[] = "\x1b[1m";
constexpr char kPlain[] = "\x1b[0m";

// Cuts to `width` columns; the display's own text is ASCII but for "·", "–" and "…", one column each.
std::string Fit(std::string line, size_t width) {
  size_t columns = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xc0) == 0x80) continue;
    if (++columns > width) return line.substr(0, i);
  }
  return line;
}

uint64_t Finished(const v1::DocumentCounts& documents) { return documents.accepted() - documents.in_flight(); }

std::string InputText(const Progress& progress) {
  if (!progress.input) return progress.watch.job().input_closed() ? "input closed" : "input open";
  const InputProgress& input = *progress.input;
  if (input.closed) return absl::StrCat("input complete, ", Bytes(input.bytes));
  return absl::StrCat(
      "input ", Percent(input.bytes_read, input.bytes), " of ", Bytes(input.bytes),
      input.sources > 1
          ? absl::StrFormat(", source %d of %d", std::min(input.sources_sent + 1, input.sources), input.sources)
          : "");
}

std::string BacklogText(const v1::JobCounts& counts) {
  std::vector<std::string> parts;
  for (const v1::StageBacklog& backlog : counts.backlog()) {
    const std::string name = backlog.stage() == v1::STAGE_NAME_UNSPECIFIED ? "sink" : StageText(backlog.stage());
    parts.push_back(absl::StrCat(name, " ", Grouped(backlog.entries())));
  }
  return absl::StrJoin(parts, " · ");
}

std::string RejectionText(const v1::JobCounts& counts) {
  std::vector<std::pair<uint64_t, std::string>> reasons;
  for (const v1::ReasonCount& reason : counts.rejections()) reasons.emplace_back(reason.count(), reason.reason());
  std::sort(reasons.rbegin(), reasons.rend());
  std::vector<std::string> parts;
  for (const auto& [count, reason] : reasons) {
    if (parts.size() == kReasonsShown) {
      parts.push_back(Counted(reasons.size() - kReasonsShown, "more reason"));
      break;
    }
    parts.push_back(absl::StrCat(reason, " ", Grouped(count)));
  }
  return parts.empty() ? "none" : absl::StrJoin(parts, " · ");
}

std::string TimeLeftText(const Progress& progress) {
  const auto left = TimeLeft(progress);
  // Less than a second is no forecast: what is left waits for the sink.
  return left && *left >= absl::Seconds(1) ? absl::StrCat("about ", Lasting(*left), " left") : "";
}

std::string DeadText(const v1::JobCounts& counts) {
  const uint64_t dead = counts.documents().dead() + counts.items().dead();
  return dead == 0 ? "" : absl::StrCat(" · ", Counted(dead, "dead letter"));
}

// "1,204 calls · 3.1412 USD of 10.00 at most"; empty where no model is asked.
std::string SpentText(const v1::Job& job) {
  if (job.usage().empty()) return "";
  uint64_t calls = 0;
  double cost = 0;
  for (const v1::StageUsage& spent : job.usage()) {
    calls += spent.usage().calls();
    cost += spent.usage().cost();
  }
  std::string text = Counted(calls, "call");
  const v1::BudgetSpec& budget = job.budget();
  if (cost > 0 || budget.max_cost() > 0) absl::StrAppendFormat(&text, " · %.4f %s", cost, CurrencyOf(job));
  if (budget.max_cost() > 0) absl::StrAppendFormat(&text, " of %.2f at most", budget.max_cost());
  return text;
}

}  // namespace

std::optional<absl::Duration> TimeLeft(const Progress& progress) {
  std::optional<absl::Duration> held;
  if (progress.watch.has_eta_seconds()) held = absl::Seconds(progress.watch.eta_seconds());
  if (!progress.input || progress.input->closed) return held;
  const InputProgress& input = *progress.input;
  if (input.bytes_read == 0 || progress.elapsed < absl::Seconds(3)) return std::nullopt;
  const double share = static_cast<double>(input.bytes_read) / static_cast<double>(input.bytes);
  const absl::Duration rest = progress.elapsed * std::max(0.0, (1 - share) / share);
  return std::max(rest, held.value_or(rest));
}

std::vector<std::string> ProgressLines(const Progress& progress, size_t width, bool color) {
  const v1::JobCounts& counts = progress.watch.job().counts();
  const std::string left = TimeLeftText(progress);
  std::vector<std::string> lines = {
      absl::StrCat(JobTitle(progress.watch.job()), " · ", Lasting(progress.elapsed), " · ", InputText(progress),
                   left.empty() ? "" : " · " + left),
      absl::StrFormat("  documents  %s done of %s accepted · %s", Grouped(Finished(counts.documents())),
                      Grouped(counts.documents().accepted()), Rate(progress.watch.documents_per_second())),
      absl::StrFormat("  records    %s · %s%s", Grouped(counts.items().records()),
                      Rate(progress.watch.records_per_second()), DeadText(counts)),
      absl::StrFormat("  rejected   %s · %s", Counted(counts.documents().rejected(), "document"),
                      Counted(counts.items().rejected(), "question")),
      absl::StrCat("  because    ", RejectionText(counts)),
      absl::StrCat("  waiting    ", BacklogText(counts)),
  };
  if (const std::string spent = SpentText(progress.watch.job()); !spent.empty())
    lines.push_back("  models     " + spent);
  for (const std::string& down : DownTexts(progress.watch.job())) lines.push_back("  no answer  " + down);
  for (std::string& line : lines) line = Fit(std::move(line), width);
  if (color) lines[0] = absl::StrCat(kBold, lines[0], kPlain);
  return lines;
}

std::string ProgressLine(const Progress& progress) {
  const v1::JobCounts& counts = progress.watch.job().counts();
  const std::string left = TimeLeftText(progress);
  const std::string spent = SpentText(progress.watch.job());
  const std::vector<std::string> down = DownTexts(progress.watch.job());
  return absl::StrCat(
      JobTitle(progress.watch.job()), " · ", InputText(progress), " · documents ",
      Grouped(Finished(counts.documents())), " of ", Grouped(counts.documents().accepted()), " (",
      Rate(progress.watch.documents_per_second()), ") · records ", Grouped(counts.items().records()), " (",
      Rate(progress.watch.records_per_second()), ") · rejected ", Counted(counts.documents().rejected(), "document"),
      ", ", Counted(counts.items().rejected(), "question"), DeadText(counts), " · waiting: ", BacklogText(counts),
      left.empty() ? "" : " · " + left, spent.empty() ? "" : " · " + spent,
      down.empty() ? "" : " · no answer from " + absl::StrJoin(down, ", "));
}

}  // namespace quern::cli
