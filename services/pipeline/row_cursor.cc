#include "services/pipeline/row_cursor.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"

namespace quern::pipeline {
namespace {

// How often a shard may vanish between manifest and open before that is an error: each time a compaction or a rollback
// must have come in between.
constexpr int kMaxTries = 5;

// The place after `rows` rows of `shard`.
dataset::RowPosition PositionIn(const dataset::Shard& shard, uint64_t rows) {
  dataset::RowPosition position;
  for (const dataset::ShardPart& part : shard.parts) {
    position = {part.number, rows};
    if (rows <= part.rows) break;
    rows -= part.rows;
  }
  return position;
}

}  // namespace

RowCursor::RowCursor(std::string folder, dataset::RowKind kind, dataset::RowPosition from, std::string beginning)
    : folder_(std::move(folder)), kind_(kind), beginning_(std::move(beginning)), position_(from) {}

absl::StatusOr<bool> RowCursor::Next(google::protobuf::Message* row) {
  while (true) {
    if (reader_ == nullptr) {
      QUERN_ASSIGN_OR_RETURN(const bool opened, OpenNext());
      if (!opened) return false;
    }
    QUERN_ASSIGN_OR_RETURN(const bool read, reader_->Next(row, beginning_));
    position_ = PositionIn(shard_, reader_->rows());
    if (read) return true;
    reader_.reset();
    if (stop_ && stop_()) return absl::CancelledError("nobody waits for the rows any more");
  }
}

absl::StatusOr<bool> RowCursor::OpenNext() {
  for (int attempt = 0; attempt < kMaxTries; ++attempt) {
    const bool fresh = !manifest_.has_value();
    if (fresh) QUERN_RETURN_IF_ERROR(LoadManifest());
    dataset::RowPlace place = PlaceOf(position_);
    const auto& shards = manifest_->shards;
    while (place.shard < shards.size() &&
           (shards[place.shard].kind != kind_ || place.rows_before >= shards[place.shard].rows)) {
      place = {place.shard + 1, 0};
    }
    if (place.shard == shards.size()) {
      manifest_.reset();
      if (fresh) return false;
      continue;
    }
    shard_ = shards[place.shard];
    auto reader = dataset::ShardReader::Open(folder_, shard_, place.rows_before);
    if (reader.ok()) {
      reader_ = *std::move(reader);
      return true;
    }
    if (ErrorReason(reader.status()) != "SHARD_GONE") return reader.status();
    manifest_.reset();
  }
  return MakeError(absl::StatusCode::kUnavailable, "SHARD_GONE", "shards of the dataset are missing or keep changing");
}

absl::Status RowCursor::LoadManifest() {
  absl::StatusOr<dataset::Manifest> manifest = dataset::LoadManifest(folder_);
  if (!manifest.ok() && !absl::IsNotFound(manifest.status())) return manifest.status();
  manifest_ = manifest.ok() ? *std::move(manifest) : dataset::Manifest();
  return absl::OkStatus();
}

dataset::RowPlace RowCursor::PlaceOf(dataset::RowPosition position) const {
  const absl::StatusOr<dataset::RowPlace> found = dataset::FindRow(*manifest_, kind_, position);
  if (found.ok()) return *found;
  // What was read was rolled back. What replaces it was published later, and so under higher numbers.
  for (size_t i = 0; i < manifest_->shards.size(); ++i) {
    if (manifest_->shards[i].kind != kind_) continue;
    uint64_t rows_before = 0;
    for (const dataset::ShardPart& part : manifest_->shards[i].parts) {
      if (part.number > position.number) return {i, rows_before};
      rows_before += part.rows;
    }
  }
  return {manifest_->shards.size(), 0};
}

std::string PositionToText(dataset::RowPosition position) {
  return absl::StrFormat("%d.%d", position.number, position.row);
}

absl::StatusOr<dataset::RowPosition> PositionFromText(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  dataset::RowPosition position;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &position.number) ||
      !absl::SimpleAtoi(parts[1], &position.row)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_TOKEN", "the token names no place in a dataset");
  }
  return position;
}

}  // namespace quern::pipeline
