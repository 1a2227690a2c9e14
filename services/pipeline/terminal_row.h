#pragma once

#include <string>
#include <variant>

#include "absl/time/time.h"
#include "quern/v1/document.pb.h"
#include "quern/v1/queue.pb.h"
#include "quern/v1/record.pb.h"

namespace quern::pipeline {

// What every row of a job's dataset says about its origin, and which parts of a document it copies.
struct RowContext {
  // "jobs/{job}"; "" for a conversion.
  std::string job;
  std::string spec_hash;
  bool document_text = true;
  // Of a conversion: the call's. Empty: the document's.
  std::string trace_id = {};
};

// One row, or nothing for what was cancelled.
using Row = std::variant<std::monostate, v1::RecordRow, v1::RejectionRow, v1::DeadLetterRow>;

// "{document_id}" for a whole document, "{document_id}#{ordinal}" for an item.
std::string KeyOf(const v1::WorkItem& item);

// The trace under which an item's models were asked. `document` may be null.
std::string TraceIdOf(const RowContext& context, const v1::WorkItem& item, const v1::Document* document);

// The row that `terminal` becomes on disk. `document` is null for unreadable input. `now` is the row's time of
// creation. What only the row needs (pair, persona, checks, traces, attempts) is moved into it: of a record or
// rejection, the terminal keeps its end, the item's key, domain and times.
Row MakeRow(const RowContext& context, v1::Terminal* terminal, const v1::Document* document, absl::Time now);

// A verified item as a record: what MakeRow does with one.
v1::RecordRow MakeRecord(const RowContext& context, v1::WorkItem* item, const v1::Document& document, absl::Time now);

}  // namespace quern::pipeline
