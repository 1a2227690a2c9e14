#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/dataset/manifest.h"
#include "quern/v1/record.pb.h"

namespace quern::cli {

// What can be told about a dataset from its files alone.
struct DatasetSummary {
  std::string folder;
  dataset::Manifest manifest;
  // The job as it stands: as a `quern run` left it, which knows why it is paused and what models cost; else as of the
  // dataset's last commit.
  v1::Job job;
  // Size of all shards.
  uint64_t bytes = 0;
  // Records drawn at random, the same for the same dataset.
  std::vector<v1::RecordRow> samples;
};

// Reads a dataset's manifest and up to `samples` records; a sink may be writing meanwhile.
// NOT_FOUND "NO_DATASET"; errors of Manifest and ShardReader. Blocking.
absl::StatusOr<DatasetSummary> Summarize(const std::string& folder, size_t samples);

// True when both equations of the counts hold.
bool Reconciles(const v1::JobCounts& counts);

// The summary for people, ending in its sample records.
std::string SummaryText(const DatasetSummary& summary);

// The summary as one JSON object, described in docs/cli.md.
std::string SummaryJson(const DatasetSummary& summary);

}  // namespace quern::cli
