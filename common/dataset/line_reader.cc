#include "common/dataset/line_reader.h"

#include <algorithm>
#include <cstring>

#include "common/base/error.h"

namespace quern::dataset {
namespace {

// Bytes asked of the stream at once: zstd hands out blocks of 128 KiB, and the lines cut from them stay in L2.
constexpr size_t kReadBytes = 256 * 1024;
constexpr size_t kFirstBufferBytes = 2 * kReadBytes;

}  // namespace

LineReader::LineReader(ByteStream& stream, size_t max_line_bytes)
    : stream_(stream), max_line_bytes_(max_line_bytes), buffer_(kFirstBufferBytes + kPadding) {}

absl::StatusOr<bool> LineReader::Fill() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() - kPadding - end_ < kReadBytes) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    // Doubling keeps the copying linear; PassOverLine ends the growth at max_line_bytes.
    if (buffer_.size() - kPadding - end_ < kReadBytes) buffer_.resize(2 * (buffer_.size() - kPadding) + kPadding);
  }
  QUERN_ASSIGN_OR_RETURN(const size_t got, stream_.Read(buffer_.data() + end_, kReadBytes));
  end_ += got;
  return got > 0;
}

absl::StatusOr<std::string_view> LineReader::Peek(size_t size) {
  bool more = true;
  while (more && end_ - begin_ < size) {
    const auto filled = Fill();
    // What came before a fault is shown; the next read meets the fault again.
    if (!filled.ok() && begin_ == end_) return filled.status();
    more = filled.ok() && *filled;
  }
  return std::string_view(buffer_.data() + begin_, std::min(size, end_ - begin_));
}

absl::StatusOr<bool> LineReader::Next(Line* line) {
  size_t searched = 0;
  for (;;) {
    const char* const from = buffer_.data() + begin_;
    const size_t held = end_ - begin_;
    const void* const feed = std::memchr(from + searched, '\n', held - searched);
    if (feed != nullptr) {
      const size_t length = static_cast<size_t>(static_cast<const char*>(feed) - from);
      const bool too_long = length > max_line_bytes_;
      *line = {too_long ? std::string_view() : std::string_view(from, length), ++lines_, too_long, length, true};
      begin_ += length + 1;
      return true;
    }
    if (held > max_line_bytes_) return PassOverLine(line);
    searched = held;
    QUERN_ASSIGN_OR_RETURN(const bool more, Fill());
    if (more) continue;
    if (begin_ == end_) return false;
    *line = {std::string_view(buffer_.data() + begin_, end_ - begin_), ++lines_, false, end_ - begin_, false};
    begin_ = end_;
    return true;
  }
}

absl::StatusOr<bool> LineReader::PassOverLine(Line* line) {
  *line = {{}, ++lines_, true, 0, true};
  for (;;) {
    const void* const feed = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
    if (feed != nullptr) {
      const size_t here = static_cast<size_t>(static_cast<const char*>(feed) - buffer_.data());
      line->length += here - begin_;
      begin_ = here + 1;
      return true;
    }
    line->length += end_ - begin_;
    begin_ = end_;
    QUERN_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) {
      line->ended = false;
      return true;
    }
  }
}

absl::Status LineReader::Skip(uint64_t count) {
  while (count > 0) {
    const void* const feed = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
    if (feed != nullptr) {
      begin_ = static_cast<size_t>(static_cast<const char*>(feed) - buffer_.data()) + 1;
      ++lines_;
      --count;
      continue;
    }
    begin_ = end_;
    QUERN_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
  }
  return absl::OkStatus();
}

}  // namespace quern::dataset
