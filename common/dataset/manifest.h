#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "quern/v1/job.pb.h"

namespace quern::dataset {

// The three kinds of rows of a dataset, each with a folder of its own.
enum class RowKind { kRecords, kRejections, kDeadLetters };
inline constexpr RowKind kRowKinds[] = {RowKind::kRecords, RowKind::kRejections, RowKind::kDeadLetters};

// "records", "rejections", "dead-letters": the folder, and the `kind` in the manifest.
std::string_view FolderOf(RowKind kind);

// The rows of one kind that one commit of a lane published.
struct ShardPart {
  // Number of the shard that they were published as.
  uint64_t number = 0;
  uint32_t lane = 0;
  uint64_t commit = 0;
  uint64_t rows = 0;
};

// One file of rows.
struct Shard {
  RowKind kind = RowKind::kRecords;
  // The NNNNNN of its name. Never used twice in a dataset, also not for shards that are gone.
  uint64_t number = 0;
  // Sum over `parts`.
  uint64_t rows = 0;
  // Size of the file.
  uint64_t bytes = 0;
  // What it holds, in its order: one part as it was published, more when it was compacted.
  std::vector<ShardPart> parts;

  // Its path inside the dataset: "records/000001.jsonl.zst".
  std::string file() const;
};

// What a dataset holds: the one truth about which files belong to it. A reader that goes by the manifest sees whole
// commits only.
struct Manifest {
  static constexpr uint32_t kFormatVersion = 1;
  static constexpr char kFileName[] = "manifest.json";
  // Beside it: what the dataset was made by.
  static constexpr char kSpecFileName[] = "spec.json";

  // "jobs/{job}" and the hash of its spec.
  std::string job;
  std::string spec_hash;
  // The job's state and counts when the manifest was written.
  v1::JobState state = v1::JOB_STATE_UNSPECIFIED;
  v1::JobCounts counts;
  std::string quern_version;
  // When the dataset was begun, and when this manifest was written; in whole milliseconds.
  absl::Time created_at;
  absl::Time written_at;
  uint64_t next_shard = 1;
  // By lane: the last commit published. A lane without an entry has none.
  std::map<uint32_t, uint64_t> lane_commits;
  // In the dataset's order, over all kinds.
  std::vector<Shard> shards;

  uint64_t rows(RowKind kind) const;
};

// The manifest as JSON (docs/data-formats.md), ending in a line feed.
std::string ManifestToJson(const Manifest& manifest);

// DATA_LOSS "MANIFEST_CORRUPT": not a manifest. FAILED_PRECONDITION "DATASET_TOO_NEW": written by a later version.
absl::StatusOr<Manifest> ManifestFromJson(std::string_view json);

// The manifest of the dataset in `folder`; needs no lock and no server, also while a sink writes. NOT_FOUND
// "NO_DATASET" when there is none, and the errors of ManifestFromJson.
absl::StatusOr<Manifest> LoadManifest(const std::string& folder);

// A place in a dataset's rows of one kind that survives compaction: the row after `row` rows of what was published as
// shard `number`. {0, 0} is the beginning.
struct RowPosition {
  uint64_t number = 0;
  uint64_t row = 0;
};

// Where `position` is now: an index into `manifest.shards` and the rows to pass over in it. The beginning is the first
// shard of `kind`; the index is shards.size() when there is none. NOT_FOUND "POSITION_GONE": the rows were rolled back.
struct RowPlace {
  size_t shard = 0;
  uint64_t rows_before = 0;
};
absl::StatusOr<RowPlace> FindRow(const Manifest& manifest, RowKind kind, RowPosition position);

}  // namespace quern::dataset
