#include "common/queue/terminal_tally.h"

#include "absl/strings/str_format.h"

namespace quern::queue {

std::string ReasonField(std::string_view kind, v1::StageName stage, std::string_view reason) {
  return absl::StrFormat("%s:%d:%s", kind, static_cast<int>(stage), reason);
}

TerminalTally TallyTerminals(const std::vector<Result>& results) {
  TerminalTally tally;
  const auto count = [&tally](TerminalTally::Key key, std::string field, int64_t by) {
    tally.counters[{key, std::move(field)}] += by;
  };
  for (const Result& result : results) {
    const v1::Terminal& terminal = result.terminal;
    const std::string unit = terminal.item().expanded() ? "items_" : "documents_";
    count(TerminalTally::kCounts, unit + "in_flight", -1);
    switch (terminal.end_case()) {
      case v1::Terminal::kRejection:
        count(TerminalTally::kCounts, unit + "rejected", 1);
        count(TerminalTally::kReasons,
              ReasonField("rejected", terminal.rejection().stage(), terminal.rejection().reason()), 1);
        break;
      case v1::Terminal::kDeath:
        count(TerminalTally::kCounts, unit + "dead", 1);
        count(TerminalTally::kReasons, ReasonField("dead", terminal.death().stage(), terminal.death().reason()), 1);
        break;
      case v1::Terminal::kCancelled:
        count(TerminalTally::kCounts, unit + "cancelled", 1);
        break;
      case v1::Terminal::END_NOT_SET:
        count(TerminalTally::kCounts, "items_records", 1);
        count(TerminalTally::kDomains, terminal.item().domain(), 1);
        break;
    }
    if (terminal.death().unreadable()) {
      // It was held as a document is, and refers to none.
      count(TerminalTally::kCounts, "documents_held", -1);
    } else {
      TerminalTally::Dropped& dropped = tally.references[terminal.item().document_id()];
      ++dropped.references;
      dropped.document_bytes = result.document_bytes;
    }
  }
  return tally;
}

}  // namespace quern::queue
