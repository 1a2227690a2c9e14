#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "quern/v1/document.pb.h"
#include "quern/v1/job.pb.h"

namespace quern::dataset {

// What an import did.
struct ImportSummary {
  uint64_t documents = 0;
  // Inputs that gave no document, by reason (docs/bad-input.md).
  std::map<std::string, uint64_t> left_out;
  // For people.
  std::vector<std::string> warnings;
};

// Takes one document; an error ends the import with it.
using DocumentSink = std::function<absl::Status(const v1::Document&)>;

// Makes documents of what is not JSON Lines: folders (walked in sorted order) and files of HTML, text and Markdown, one
// document each, and dictionaries in dictd's format (NAME.index beside NAME.dict.dz or NAME.dict; name any of them),
// one document for each entry. A document's id is the same wherever the files lie: the input's own name and the path
// inside it for a file, "NAME/headword" for an entry; a repeated id gets "~2", "~3" and so on. Its source is that id's
// file. `prefix` is put before every id, so that imports of folders of one name can go into one job. NOT_FOUND
// "NO_INPUT", naming every fault, before the sink sees anything; DATA_LOSS "CORRUPT_INPUT" for a dictionary whose index
// does not fit it. Blocking; a dictionary is held in memory (up to 1 GiB), files one at a time.
absl::StatusOr<ImportSummary> ImportDocuments(const std::vector<std::string>& inputs, const v1::InputSpec& spec,
                                              const std::string& prefix, const DocumentSink& sink);

// The document as one line of JSON Lines, with its line feed: id, title, text and source, then its metadata's fields
// beside them. Quern reads it back to the same document.
std::string DocumentToJsonLine(const v1::Document& document);

}  // namespace quern::dataset
