#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/dataset/source_reader.h"

namespace quern::cli {

// A source in memory. Document i stands at position i + 1, but every third line is blank and yields nothing.
class FakeReader final : public dataset::SourceReader {
 public:
  FakeReader(uint64_t lines, size_t text_bytes) : lines_(lines), text_(text_bytes, 'x') {}

  absl::Status SeekTo(uint64_t position) override {
    next_ = position + 1;
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(v1::IngestEntry* entry) override {
    while (next_ % 3 == 0) ++next_;
    if (next_ > lines_) return false;
    entry->Clear();
    entry->set_position(next_);
    entry->mutable_document()->set_id("d" + std::to_string(next_));
    entry->mutable_document()->set_text(text_);
    ++next_;
    return true;
  }

  uint64_t bytes_read() const override { return next_ * text_.size(); }
  const std::vector<std::string>& warnings() const override { return warnings_; }

  // What a source of `lines` lines yields.
  static std::vector<uint64_t> AllPositions(uint64_t lines) {
    std::vector<uint64_t> positions;
    for (uint64_t i = 1; i <= lines; ++i) {
      if (i % 3 != 0) positions.push_back(i);
    }
    return positions;
  }

 private:
  const uint64_t lines_;
  const std::string text_;
  uint64_t next_ = 1;
  std::vector<std::string> warnings_;
};

}  // namespace quern::cli
