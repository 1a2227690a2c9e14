#include "clients/cli/corpus_sample.h"

#include <limits>
#include <memory>
#include <utility>

#include "clients/cli/limited_reader.h"
#include "common/base/error.h"
#include "common/dataset/source_reader.h"

namespace quern::cli {

absl::StatusOr<CorpusSample> SampleCorpus(const dataset::Corpus& corpus, const v1::InputSpec& input,
                                          const CorpusSampleOptions& options,
                                          const std::function<void(uint64_t bytes, uint64_t documents)>& progress,
                                          std::stop_token stop) {
  DocumentSample sample(options.size, options.seed);
  CorpusSample result;
  uint64_t left = options.limit.value_or(std::numeric_limits<uint64_t>::max());
  uint64_t bytes_before = 0;
  uint64_t documents = 0;
  for (const dataset::Source& source : corpus.sources) {
    if (left == 0) break;
    QUERN_ASSIGN_OR_RETURN(std::unique_ptr<dataset::SourceReader> opened, dataset::SourceReader::Open(source, input));
    uint64_t taken = 0;
    LimitedReader reader(std::move(opened), left, &taken);
    v1::IngestEntry entry;
    while (true) {
      if (stop.stop_requested()) return absl::CancelledError("interrupted");
      QUERN_ASSIGN_OR_RETURN(const bool more, reader.Next(&entry));
      if (!more) break;
      if (entry.has_document()) {
        sample.Add(entry.document());
        ++documents;
      } else {
        ++result.unreadable;
      }
      progress(bytes_before + reader.bytes_read(), documents);
    }
    result.warnings.insert(result.warnings.end(), reader.warnings().begin(), reader.warnings().end());
    left -= taken;
    bytes_before += source.bytes;
  }
  result.documents = sample.Documents();
  result.frame = sample.Frame();
  return result;
}

}  // namespace quern::cli
