#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "common/dataset/source_reader.h"
#include "quern/v1/pipeline.pb.h"

namespace quern::cli {

struct BatchLimits {
  // A batch is complete at this many documents or bytes, whichever comes first. Larger ones cost memory and gain
  // nothing measurable.
  size_t documents = 128;
  size_t bytes = 1 << 20;
};

// Cuts a source into requests of at most 4 MiB, which is the API's limit; a document that is larger goes alone.
// `reader` outlives it. Thread-compatible.
class BatchReader {
 public:
  BatchReader(dataset::SourceReader& reader, BatchLimits limits) : reader_(reader), limits_(limits) {}

  // Replaces `batch`'s entries by the next ones; false when there are none left. Errors are the reader's; what was read
  // before the error is lost to this stream and comes again on the next one.
  absl::StatusOr<bool> Next(v1::IngestDocumentsRequest* batch);

  // The position of the last entry returned, 0 before the first.
  uint64_t last_position() const { return last_position_; }

 private:
  dataset::SourceReader& reader_;
  const BatchLimits limits_;
  // Read, but too large for the batch before.
  std::optional<v1::IngestEntry> carried_;
  uint64_t last_position_ = 0;
};

}  // namespace quern::cli
