#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/dataset/manifest.h"
#include "common/queue/in_flight.h"
#include "quern/v1/pipeline.pb.h"
#include "services/pipeline/jobs.h"

namespace quern::pipeline {

// Gathers what became of the document, or of the one item, that an id names. What is in flight is added first, then the
// dataset, which is right where both know an item. Blocking where it reads files; thread-compatible.
class DocumentTrace {
 public:
  // The id may be a document's, or an item's, "{document_id}#{ordinal}"; documents' ids may look like that, too.
  DocumentTrace(std::string job_id, std::string id);

  // The documents that the id may mean, the likeliest first: one or two.
  std::vector<std::string> documents() const;

  // `stored` may be null.
  void Add(const queue::InFlightEntry& entry, const v1::Document* stored);
  // Reads all rows of the dataset in `folder`. A folder without one adds nothing. CANCELLED: `stop`, which is asked now
  // and then, said so.
  absl::Status AddDataset(const std::string& folder, const std::function<bool()>& stop);

  // NOT_FOUND, reason NO_SUCH_DOCUMENT, when nothing was added that the id names.
  absl::StatusOr<v1::TraceDocumentResponse> Finish();

 private:
  // By place among the document's items, 0 for the document itself; and by generation.
  using Key = std::pair<uint64_t, uint32_t>;
  struct Life {
    std::string trace_id;
    std::string source;
    std::map<Key, v1::TracedItem> items;
  };
  // What the id may mean.
  struct Reading {
    std::string document;
    // The one item that is asked for; empty: all.
    std::string item;
    Life life;
  };

  void AddRow(const v1::RecordRow& row);
  void AddRow(const v1::RejectionRow& row);
  void AddRow(const v1::DeadLetterRow& row);
  template <class RowMessage>
  absl::Status AddRows(const std::string& folder, dataset::RowKind kind, const std::function<bool()>& stop);
  // Null: the row is not of these documents.
  Reading* ReadingOf(const std::string& document_id);
  static void Put(v1::TracedItem item, Reading* reading);

  const std::string job_id_;
  const std::string id_;
  std::vector<Reading> readings_;
};

// PipelineService.TraceDocument. Blocking; thread-safe. `jobs` outlives the call; `stop` as of AddDataset.
absl::StatusOr<v1::TraceDocumentResponse> TraceDocument(Jobs& jobs, const v1::TraceDocumentRequest& request,
                                                        const std::function<bool()>& stop);

// The same of a dataset's files alone: what is in flight is not told. Besides: the errors of LoadManifest.
absl::StatusOr<v1::TraceDocumentResponse> TraceInDataset(const std::string& folder, const std::string& id);

}  // namespace quern::pipeline
