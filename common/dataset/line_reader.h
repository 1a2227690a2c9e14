#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/dataset/byte_stream.h"

namespace quern::dataset {

// Cuts a byte stream into lines in constant memory: about `max_line_bytes` + 1 MiB, reached only when such a line
// comes. Not thread-safe.
class LineReader {
 public:
  struct Line {
    // Without its line feed. At least kPadding readable bytes follow it. Valid until the next call. Empty when
    // too_long.
    std::string_view text;
    // Counted from 1.
    uint64_t number = 0;
    // The line has more than max_line_bytes bytes; it was passed over to its end, `length` bytes.
    bool too_long = false;
    uint64_t length = 0;
    // False for a last line without a line feed.
    bool ended = true;
  };

  // What a SIMD parser may read (not use) beyond the end of its input.
  static constexpr size_t kPadding = 64;

  // `stream` must outlive the reader.
  LineReader(ByteStream& stream, size_t max_line_bytes);

  // The next line, the last one also without a line feed; false at the end. On an error of the stream the lines before
  // it have all been returned; the unfinished line is dropped.
  absl::StatusOr<bool> Next(Line* line);

  // Passes over `count` lines without looking at them. Fewer lines than that is not an error.
  absl::Status Skip(uint64_t count);

  // The first bytes of the stream, at most `size`, without consuming them. Before the first Next or Skip only; `size`
  // at most 4096.
  absl::StatusOr<std::string_view> Peek(size_t size);

  // Lines returned or passed over so far.
  uint64_t lines() const { return lines_; }

  // Drops the first `size` bytes, which Peek returned.
  void Drop(size_t size) { begin_ += size; }

 private:
  // Reads more bytes behind end_, after making room; false at the end of the stream.
  absl::StatusOr<bool> Fill();
  absl::StatusOr<bool> PassOverLine(Line* line);

  ByteStream& stream_;
  const size_t max_line_bytes_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t lines_ = 0;
};

}  // namespace quern::dataset
