#include "clients/cli/dataset_summary.h"

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <utility>

#include "clients/cli/run_state.h"
#include "common/base/error.h"
#include "common/base/hash.h"
#include "common/dataset/shard_reader.h"

namespace quern::cli {
namespace {

// A reader that takes longer than a compaction finds files gone that an older manifest names.
constexpr int kManifestTries = 5;
// Samples stand at most this deep in their shard: a glance must not read gigabytes.
constexpr uint64_t kSampleDepth = 2000;

// Reads row `row` of a shard.
absl::StatusOr<v1::RecordRow> ReadRow(const std::string& folder, const dataset::Shard& shard, uint64_t row) {
  QUERN_ASSIGN_OR_RETURN(const auto reader, dataset::ShardReader::Open(folder, shard, row));
  v1::RecordRow record;
  QUERN_ASSIGN_OR_RETURN(const bool found, reader->Next(&record));
  if (!found) return absl::DataLossError(shard.file() + " ends early");
  return record;
}

// Places of `count` different records, seeded by the job: the same dataset shows the same samples.
std::vector<std::pair<size_t, uint64_t>> DrawPlaces(const std::vector<dataset::Shard>& shards, size_t count,
                                                    uint64_t seed) {
  uint64_t rows = 0;
  for (const dataset::Shard& shard : shards) rows += std::min(shard.rows, kSampleDepth);
  std::set<uint64_t> drawn;
  std::mt19937_64 random(seed);
  while (drawn.size() < std::min<uint64_t>(count, rows)) drawn.insert(random() % rows);
  std::vector<std::pair<size_t, uint64_t>> places;
  uint64_t before = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    const uint64_t here = std::min(shards[i].rows, kSampleDepth);
    for (auto row = drawn.lower_bound(before); row != drawn.end() && *row < before + here; ++row) {
      places.emplace_back(i, *row - before);
    }
    before += here;
  }
  return places;
}

v1::Job JobOf(const std::string& folder, const dataset::Manifest& manifest) {
  v1::Job job;
  if (const auto run = ReadRunState(folder); run.ok() && *run && (*run)->left) {
    job = *(*run)->left;
  } else {
    job.set_name(manifest.job);
    job.set_state(manifest.state);
    job.set_input_closed(true);
    *job.mutable_counts() = manifest.counts;
    job.mutable_counts()->set_reconciles(Reconciles(manifest.counts));
  }
  // The folder may have been moved since.
  job.set_dataset_path(folder);
  return job;
}

absl::StatusOr<DatasetSummary> SummarizeOnce(const std::string& folder, size_t samples) {
  DatasetSummary summary;
  summary.folder = folder;
  QUERN_ASSIGN_OR_RETURN(summary.manifest, dataset::LoadManifest(folder));
  summary.job = JobOf(folder, summary.manifest);
  std::vector<dataset::Shard> records;
  for (const dataset::Shard& shard : summary.manifest.shards) {
    summary.bytes += shard.bytes;
    if (shard.kind == dataset::RowKind::kRecords && shard.rows > 0) records.push_back(shard);
  }
  if (records.empty()) return summary;
  const uint64_t seed = Hash64(summary.manifest.job + summary.manifest.spec_hash);
  for (const auto& [shard, row] : DrawPlaces(records, samples, seed)) {
    QUERN_ASSIGN_OR_RETURN(summary.samples.emplace_back(), ReadRow(folder, records[shard], row));
  }
  return summary;
}

}  // namespace

absl::StatusOr<DatasetSummary> Summarize(const std::string& folder, size_t samples) {
  for (int tries = 1;; ++tries) {
    absl::StatusOr<DatasetSummary> summary = SummarizeOnce(folder, samples);
    if (summary.ok() || ErrorReason(summary.status()) != "SHARD_GONE" || tries == kManifestTries) return summary;
  }
}

bool Reconciles(const v1::JobCounts& counts) {
  const v1::DocumentCounts& documents = counts.documents();
  const v1::ItemCounts& items = counts.items();
  return documents.accepted() == documents.expanded() + documents.rejected() + documents.dead() +
                                     documents.cancelled() + documents.in_flight() &&
         items.created() == items.records() + items.rejected() + items.dead() + items.cancelled() + items.in_flight();
}

}  // namespace quern::cli
