#include "clients/cli/limited_reader.h"

#include <utility>

#include "common/base/error.h"

namespace quern::cli {

LimitedReader::LimitedReader(std::unique_ptr<dataset::SourceReader> reader, uint64_t limit, uint64_t* taken)
    : reader_(std::move(reader)), limit_(limit), taken_(taken) {
  *taken_ = 0;
}

absl::Status LimitedReader::SeekTo(uint64_t position) {
  v1::IngestEntry entry;
  while (true) {
    QUERN_ASSIGN_OR_RETURN(const bool more, Next(&entry));
    if (!more) return absl::OkStatus();
    if (entry.position() > position) {
      found_ = std::move(entry);
      return absl::OkStatus();
    }
  }
}

absl::StatusOr<bool> LimitedReader::Next(v1::IngestEntry* entry) {
  if (found_) {
    *entry = *std::exchange(found_, std::nullopt);
    return true;
  }
  if (*taken_ >= limit_) return false;
  QUERN_ASSIGN_OR_RETURN(const bool more, reader_->Next(entry));
  if (more) ++*taken_;
  return more;
}

}  // namespace quern::cli
