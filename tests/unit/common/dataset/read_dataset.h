#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/dataset/shard_reader.h"

namespace quern::dataset {

// The ids of all rows of one kind, in the dataset's order, from `position` on.
template <typename Row>
std::vector<std::string> ReadIds(const std::string& folder, RowKind kind, RowPosition position = {}) {
  std::vector<std::string> ids;
  const auto manifest = LoadManifest(folder);
  EXPECT_TRUE(manifest.ok()) << manifest.status();
  if (!manifest.ok()) return ids;
  auto place = FindRow(*manifest, kind, position);
  EXPECT_TRUE(place.ok()) << place.status();
  if (!place.ok()) return ids;
  for (size_t i = place->shard; i < manifest->shards.size(); ++i) {
    if (manifest->shards[i].kind != kind) continue;
    auto reader = ShardReader::Open(folder, manifest->shards[i], i == place->shard ? place->rows_before : 0);
    EXPECT_TRUE(reader.ok()) << reader.status();
    Row row;
    absl::StatusOr<bool> more = reader.ok();
    while (more.ok() && *more) {
      more = (*reader)->Next(&row);
      if (more.ok() && *more) ids.push_back(row.id());
    }
    EXPECT_TRUE(more.ok()) << more.status();
  }
  return ids;
}

}  // namespace quern::dataset
