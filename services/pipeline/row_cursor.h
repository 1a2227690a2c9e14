#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/dataset/manifest.h"
#include "common/dataset/shard_reader.h"
#include "google/protobuf/message.h"

namespace quern::pipeline {

// Walks through a dataset's rows of one kind while a sink writes, compacts or rolls it back. After a rollback it goes
// on with what was published after the rows it had read, so rows of the undone commits come again and none is passed
// over. Blocking; thread-compatible.
class RowCursor {
 public:
  // Begins after `from`. A folder without a dataset has no rows (yet). Rows whose line does not begin with `beginning`
  // are passed over unread.
  RowCursor(std::string folder, dataset::RowKind kind, dataset::RowPosition from, std::string beginning = "");

  // Asked after each shard: true ends Next with CANCELLED.
  void StopWhen(std::function<bool()> stop) { stop_ = std::move(stop); }

  // Puts the next row into `row`, a message of the kind, and returns true; false when there is none now: a later call
  // looks again.
  absl::StatusOr<bool> Next(google::protobuf::Message* row);

  // Where the last row read or passed over ends.
  dataset::RowPosition position() const { return position_; }

 private:
  // Opens the shard with the next row. False when there is none.
  absl::StatusOr<bool> OpenNext();
  absl::Status LoadManifest();
  dataset::RowPlace PlaceOf(dataset::RowPosition position) const;

  const std::string folder_;
  const dataset::RowKind kind_;
  const std::string beginning_;
  std::function<bool()> stop_;
  dataset::RowPosition position_;
  std::optional<dataset::Manifest> manifest_;
  dataset::Shard shard_;
  std::unique_ptr<dataset::ShardReader> reader_;
};

// A position as the payload of a token, and back. INVALID_ARGUMENT, reason INVALID_TOKEN.
std::string PositionToText(dataset::RowPosition position);
absl::StatusOr<dataset::RowPosition> PositionFromText(const std::string& text);

}  // namespace quern::pipeline
