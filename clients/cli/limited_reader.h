#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/dataset/source_reader.h"

namespace quern::cli {

// The first `limit` entries of a source, unreadable ones counted: what `--limit` takes. Entries that SeekTo passes over
// count as well, so a resumed job stops where an uninterrupted one would; therefore seeking reads them. Not
// thread-safe.
class LimitedReader : public dataset::SourceReader {
 public:
  // Keeps the number of entries so far in `taken`, which outlives the reader.
  LimitedReader(std::unique_ptr<dataset::SourceReader> reader, uint64_t limit, uint64_t* taken);

  absl::Status SeekTo(uint64_t position) override;
  absl::StatusOr<bool> Next(v1::IngestEntry* entry) override;
  uint64_t bytes_read() const override { return reader_->bytes_read(); }
  const std::vector<std::string>& warnings() const override { return reader_->warnings(); }

 private:
  const std::unique_ptr<dataset::SourceReader> reader_;
  const uint64_t limit_;
  uint64_t* const taken_;
  // The first entry after the position that was sought.
  std::optional<v1::IngestEntry> found_;
};

}  // namespace quern::cli
