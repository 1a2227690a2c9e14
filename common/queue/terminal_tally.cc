#include "common/queue/terminal_tally.h"

#include "absl/strings/str_format.h"

namespace quern::queue {

std::string ReasonField(std::string_view kind, v1::StageName stage, std::string_view reason) {
  return absl::StrFormat("%s:%d:%s", kind, static_cast<int>(stage), reason);
}

void TerminalTally::Add(const Result& result) {
  const auto count = [this](Key key, std::string field, int64_t by) { counters[{key, std::move(field)}] += by; };
  const v1::Terminal& terminal = result.terminal;
  if (results++ == 0) first_id = result.id;
  last_id = result.id;
  const std::string unit = terminal.item().expanded() ? "items_" : "documents_";
  count(kCounts, unit + "in_flight", -1);
  switch (terminal.end_case()) {
    case v1::Terminal::kRejection:
      count(kCounts, unit + "rejected", 1);
      count(kReasons, ReasonField("rejected", terminal.rejection().stage(), terminal.rejection().reason()), 1);
      break;
    case v1::Terminal::kDeath:
      count(kCounts, unit + "dead", 1);
      count(kReasons, ReasonField("dead", terminal.death().stage(), terminal.death().reason()), 1);
      break;
    case v1::Terminal::kCancelled:
      count(kCounts, unit + "cancelled", 1);
      break;
    case v1::Terminal::END_NOT_SET:
      count(kCounts, "items_records", 1);
      count(kDomains, terminal.item().domain(), 1);
      break;
  }
  if (terminal.death().unreadable()) {
    // It was held as a document is, and refers to none.
    count(kCounts, "documents_held", -1);
    return;
  }
  Dropped& dropped = references[terminal.item().document_id()];
  ++dropped.references;
  dropped.document_bytes = result.document_bytes;
}

}  // namespace quern::queue
