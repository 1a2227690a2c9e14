#include "clients/cli/one_document.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/dataset/corpus.h"
#include "common/dataset/source_reader.h"

namespace quern::cli {

absl::StatusOr<v1::Document> ReadDocument(const std::string& input, uint64_t line, const v1::InputSpec& spec) {
  QUERN_ASSIGN_OR_RETURN(const dataset::Corpus corpus, dataset::OpenCorpus({input}, {}));
  if (corpus.sources.size() != 1) {
    return MakeError(absl::StatusCode::kInvalidArgument, "USAGE", input + " is a folder; name one file of it");
  }
  QUERN_ASSIGN_OR_RETURN(const auto reader, dataset::SourceReader::Open(corpus.sources[0], spec));
  QUERN_RETURN_IF_ERROR(reader->SeekTo(line - 1));
  v1::IngestEntry entry;
  QUERN_ASSIGN_OR_RETURN(const bool found, reader->Next(&entry));
  if (!found) {
    return MakeError(absl::StatusCode::kDataLoss, "NO_DOCUMENT",
                     absl::StrCat(input, " holds no document at line ", line, " or after it"));
  }
  if (entry.has_unreadable()) {
    return MakeError(absl::StatusCode::kDataLoss, entry.unreadable().reason(),
                     absl::StrCat(input, ":", entry.position(), ": ", entry.unreadable().reason(), ": ",
                                  entry.unreadable().message()));
  }
  return std::move(*entry.mutable_document());
}

}  // namespace quern::cli
