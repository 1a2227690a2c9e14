#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/dataset/byte_stream.h"
#include "common/dataset/line_reader.h"
#include "common/dataset/manifest.h"
#include "google/protobuf/message.h"

namespace quern::dataset {

// Reads the rows of one shard in order. Tolerates nothing: what is not exactly the shard that the manifest names is an
// error. Not thread-safe. Blocking.
class ShardReader {
 public:
  // Opens a shard of the dataset in `folder` and passes over its first `rows_before` rows. NOT_FOUND "SHARD_GONE":
  // there is no such file; it was compacted or rolled back when the manifest is not the newest.
  static absl::StatusOr<std::unique_ptr<ShardReader>> Open(const std::string& folder, const Shard& shard,
                                                           uint64_t rows_before = 0);

  // Puts the next row whose line begins so into `row`, a message of the shard's kind, and returns true; false after the
  // last one. Other rows are passed over unread. DATA_LOSS "SHARD_CORRUPT": a torn or ill-formed line, more or fewer
  // rows than the manifest says, damaged compression.
  absl::StatusOr<bool> Next(google::protobuf::Message* row, std::string_view beginning = {});

  // Rows read or passed over.
  uint64_t rows() const { return rows_; }

 private:
  ShardReader(std::string name, std::unique_ptr<ByteStream> stream, uint64_t expected);
  // The next line of the rows that the manifest names; false after the last one.
  absl::StatusOr<bool> NextLine(LineReader::Line* line);
  absl::Status Corrupt(std::string_view why) const;

  const std::string name_;
  const std::unique_ptr<ByteStream> stream_;
  LineReader lines_;
  const uint64_t expected_;
  uint64_t rows_ = 0;
};

}  // namespace quern::dataset
