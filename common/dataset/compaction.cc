#include "common/dataset/compaction.h"

#include <algorithm>
#include <utility>

namespace quern::dataset {
namespace {

bool IsDurable(const Shard& shard, const std::map<uint32_t, uint64_t>& durable_commits) {
  return std::all_of(shard.parts.begin(), shard.parts.end(), [&](const ShardPart& part) {
    const auto commit = durable_commits.find(part.lane);
    return commit != durable_commits.end() && part.commit <= commit->second;
  });
}

// Ends a run of neighbours: one alone stays as it is, more become a new shard.
void EndRun(std::vector<Shard>* run, CompactionPlan* plan) {
  if (run->size() == 1) plan->after.shards.push_back(run->front());
  if (run->size() > 1) {
    Shard to{run->front().kind, plan->after.next_shard++, 0, 0, {}};
    for (const Shard& from : *run) {
      to.rows += from.rows;
      to.bytes += from.bytes;
      to.parts.insert(to.parts.end(), from.parts.begin(), from.parts.end());
    }
    plan->after.shards.push_back(to);
    plan->joins.push_back({std::move(*run), std::move(to)});
  }
  run->clear();
}

}  // namespace

CompactionPlan PlanCompaction(const Manifest& manifest, const std::map<uint32_t, uint64_t>& durable_commits,
                              uint64_t max_bytes) {
  CompactionPlan plan;
  plan.after = manifest;
  plan.after.shards.clear();
  for (const RowKind kind : kRowKinds) {
    std::vector<Shard> run;
    uint64_t bytes = 0;
    for (const Shard& shard : manifest.shards) {
      if (shard.kind != kind) continue;
      const bool fits = shard.bytes < max_bytes / 2 && IsDurable(shard, durable_commits);
      if (!fits || bytes + shard.bytes > max_bytes) {
        EndRun(&run, &plan);
        bytes = 0;
      }
      if (fits) {
        run.push_back(shard);
        bytes += shard.bytes;
      } else {
        plan.after.shards.push_back(shard);
      }
    }
    EndRun(&run, &plan);
  }
  return plan;
}

}  // namespace quern::dataset
