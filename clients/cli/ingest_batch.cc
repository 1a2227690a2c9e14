#include "clients/cli/ingest_batch.h"

#include <utility>

#include "common/base/error.h"

namespace quern::cli {
namespace {

// IngestDocumentsRequest.entries: "at most 4 MiB in all". What the fields' own tags add stays below the difference.
constexpr size_t kMaxRequestBytes = (4 << 20) - (64 << 10);

}  // namespace

absl::StatusOr<bool> BatchReader::Next(v1::IngestDocumentsRequest* batch) {
  batch->clear_entries();
  size_t bytes = 0;
  if (carried_) {
    bytes = carried_->ByteSizeLong();
    *batch->add_entries() = *std::exchange(carried_, std::nullopt);
  }
  while (static_cast<size_t>(batch->entries_size()) < limits_.documents && bytes < limits_.bytes) {
    v1::IngestEntry entry;
    QUERN_ASSIGN_OR_RETURN(const bool more, reader_.Next(&entry));
    if (!more) break;
    const size_t size = entry.ByteSizeLong();
    if (batch->entries_size() > 0 && bytes + size > kMaxRequestBytes) {
      carried_ = std::move(entry);
      break;
    }
    bytes += size;
    *batch->add_entries() = std::move(entry);
  }
  if (batch->entries_size() == 0) return false;
  last_position_ = batch->entries(batch->entries_size() - 1).position();
  return true;
}

}  // namespace quern::cli
