#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace quern::dataset {

// A file's bytes from its beginning to its end, decompressed where it is compressed. Not thread-safe. Blocking.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Reads 1 to `size` bytes into `buffer`; 0 means the end. Errors: UNAVAILABLE "READ_FAILED" (the disk), DATA_LOSS
  // "TRUNCATED_INPUT" or "CORRUPT_INPUT" (the compressed data ends early or is ill-formed; the message holds the offset
  // in the file), FAILED_PRECONDITION "ZSTD_WINDOW_TOO_LARGE". Everything before the fault has been
  // returned; a further Read meets it again.
  virtual absl::StatusOr<size_t> Read(char* buffer, size_t size) = 0;

  // Bytes of the file on disk consumed so far.
  virtual uint64_t file_offset() const = 0;

  // OK while the file is what it was at the opening; ABORTED "INPUT_CHANGED" when its size or time of change differ.
  virtual absl::Status CheckUnchanged() const = 0;
};

// Largest zstd window that is accepted: what `zstd` itself decodes without an option. Memory is bounded by it.
inline constexpr int kMaxZstdWindowLog = 27;

// Opens the file at `path`. gzip (several members) and zstd (several frames, skippable ones too) are recognised by
// their first bytes, whatever the name says. NOT_FOUND "NO_INPUT": it cannot be opened or is no regular file.
absl::StatusOr<std::unique_ptr<ByteStream>> OpenByteStream(const std::string& path);

}  // namespace quern::dataset
