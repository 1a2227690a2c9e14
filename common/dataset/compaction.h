#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "common/dataset/manifest.h"

namespace quern::dataset {

// Which shards of a dataset to join, and the manifest afterwards.
struct CompactionPlan {
  struct Join {
    std::vector<Shard> from;
    Shard to;
  };
  std::vector<Join> joins;
  // Each joined shard stands where the first of its sources stood, so the rows of a kind keep their order.
  Manifest after;
};

// Plans as DatasetWriter::Compact promises. Touches no file.
CompactionPlan PlanCompaction(const Manifest& manifest, const std::map<uint32_t, uint64_t>& durable_commits,
                              uint64_t max_bytes);

}  // namespace quern::dataset
