#include "common/dataset/dataset_writer.h"

#include <spdlog/spdlog.h>

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/dataset/compaction.h"
#include "common/dataset/dataset_folder.h"
#include "common/dataset/shard_buffer.h"

namespace quern::dataset {
namespace {

// Invariants:
// 1. manifest_ is what the file manifest.json holds: it changes only after the rename.
// 2. Every file that a manifest names was complete and durable before the manifest was written.
// 3. A file is removed only when no manifest names it any more.
class Writer : public DatasetWriter {
 public:
  Writer(DatasetOptions options, Disk& disk, std::unique_ptr<FolderLock> lock, Manifest manifest)
      : options_(std::move(options)), disk_(disk), lock_(std::move(lock)), manifest_(std::move(manifest)) {}

  absl::Status Begin(uint32_t lane, uint64_t commit) override {
    const auto last = manifest_.lane_commits.find(lane);
    if (last != manifest_.lane_commits.end() && commit <= last->second) {
      return MakeError(
          absl::StatusCode::kFailedPrecondition, "COMMIT_NOT_NEW",
          absl::StrFormat("lane %d: commit %d is not after %d, the manifest's", lane, commit, last->second));
    }
    Commit& begun = under_way_[lane];
    begun = Commit();
    begun.number = commit;
    return absl::OkStatus();
  }

  void Append(uint32_t lane, const v1::RecordRow& row) override { Buffer(lane, RowKind::kRecords).Append(row); }
  void Append(uint32_t lane, const v1::RejectionRow& row) override { Buffer(lane, RowKind::kRejections).Append(row); }
  void Append(uint32_t lane, const v1::DeadLetterRow& row) override { Buffer(lane, RowKind::kDeadLetters).Append(row); }

  absl::Status Publish(uint32_t lane, const v1::JobCounts& counts, v1::JobState state) override {
    const auto commit = under_way_.find(lane);
    // Without a commit begun this is the repeat of a Publish whose manifest was written and perhaps not durable.
    if (commit == under_way_.end()) return UpdateState(counts, state);
    Manifest next = manifest_;
    next.counts = counts;
    next.state = state;
    next.lane_commits[lane] = commit->second.number;
    const size_t first = next.shards.size();
    absl::Status status = WriteShards(lane, commit->second, &next);
    const bool written = status.ok();
    bool visible = false;
    if (written) status = ReplaceManifest(next, &visible);
    if (!visible) {
      for (size_t i = first; i < next.shards.size(); ++i) RemoveFile(next.shards[i]);
      return status;
    }
    under_way_.erase(commit);
    return status;
  }

  absl::Status UpdateState(const v1::JobCounts& counts, v1::JobState state) override {
    Manifest next = manifest_;
    next.counts = counts;
    next.state = state;
    bool visible = false;
    return ReplaceManifest(std::move(next), &visible);
  }

  absl::Status RollBack(uint32_t lane, uint64_t commit) override {
    under_way_.erase(lane);
    const auto last = manifest_.lane_commits.find(lane);
    if (last == manifest_.lane_commits.end() || last->second <= commit) return absl::OkStatus();
    Manifest next = manifest_;
    next.shards.clear();
    std::vector<Shard> undone;
    for (const Shard& shard : manifest_.shards) {
      size_t after = 0;
      for (const ShardPart& part : shard.parts) after += part.lane == lane && part.commit > commit ? 1 : 0;
      if (after > 0 && shard.parts.size() > 1) {
        return MakeError(
            absl::StatusCode::kFailedPrecondition, "COMMIT_COMPACTED",
            absl::StrFormat("lane %d: commits after %d are compacted into %s", lane, commit, shard.file()));
      }
      (after > 0 ? undone : next.shards).push_back(shard);
    }
    next.lane_commits[lane] = commit;
    bool visible = false;
    const absl::Status status = ReplaceManifest(std::move(next), &visible);
    if (status.ok()) {
      for (const Shard& shard : undone) RemoveFile(shard);
    }
    return status;
  }

  absl::Status Compact(const std::map<uint32_t, uint64_t>& durable_commits) override {
    CompactionPlan plan = PlanCompaction(manifest_, durable_commits, options_.max_compacted_bytes);
    if (plan.joins.empty()) return absl::OkStatus();
    absl::Status status;
    for (const CompactionPlan::Join& join : plan.joins) {
      if (status.ok()) status = JoinShards(join);
    }
    for (const RowKind kind : kRowKinds) {
      if (status.ok()) status = disk_.SyncFolder(KindFolder(kind));
    }
    bool visible = false;
    if (status.ok()) status = ReplaceManifest(std::move(plan.after), &visible);
    for (const CompactionPlan::Join& join : plan.joins) {
      if (!visible) RemoveFile(join.to);
      for (const Shard& from : join.from) {
        if (status.ok()) RemoveFile(from);
      }
    }
    return status;
  }

  const Manifest& manifest() const override { return manifest_; }

 private:
  // One that was begun and is not published.
  struct Commit {
    uint64_t number = 0;
    // By kind; null where it has no rows.
    std::array<std::unique_ptr<ShardBuffer>, 3> rows;
  };

  ShardBuffer& Buffer(uint32_t lane, RowKind kind) {
    auto& buffer = under_way_.at(lane).rows[static_cast<size_t>(kind)];
    if (buffer == nullptr) buffer = std::make_unique<ShardBuffer>(options_.compression_level);
    return *buffer;
  }

  std::string Path(const Shard& shard) const { return options_.folder + "/" + shard.file(); }
  std::string KindFolder(RowKind kind) const { return absl::StrFormat("%s/%s", options_.folder, FolderOf(kind)); }

  // Writes the commit's files and adds them to `next`, also the one that failed.
  absl::Status WriteShards(uint32_t lane, const Commit& commit, Manifest* next) {
    for (const RowKind kind : kRowKinds) {
      ShardBuffer* const buffer = commit.rows[static_cast<size_t>(kind)].get();
      if (buffer == nullptr) continue;
      const std::string& frame = buffer->Finish();
      const uint64_t number = next->next_shard++;
      const ShardPart part{number, lane, commit.number, buffer->rows()};
      next->shards.push_back({kind, number, buffer->rows(), frame.size(), {part}});
      const std::string path = Path(next->shards.back());
      const size_t name = path.rfind('/') + 1;
      QUERN_RETURN_IF_ERROR(ReplaceFile(disk_, path.substr(0, name - 1), path.substr(name), frame));
    }
    return absl::OkStatus();
  }

  absl::Status JoinShards(const CompactionPlan::Join& join) {
    std::vector<std::string> from;
    for (const Shard& shard : join.from) from.push_back(Path(shard));
    const std::string temporary = Path(join.to) + ".tmp";
    absl::Status status = disk_.JoinFiles(from, temporary);
    std::error_code error;
    if (status.ok() && std::filesystem::file_size(temporary, error) != join.to.bytes) {
      status = MakeError(absl::StatusCode::kDataLoss, "SHARD_CORRUPT",
                         absl::StrFormat("a file between %s and %s is not as long as it was written",
                                         join.from.front().file(), join.from.back().file()));
    }
    if (status.ok()) status = disk_.Rename(temporary, Path(join.to));
    if (!status.ok()) disk_.Remove(temporary).IgnoreError();
    return status;
  }

  // `visible` is true from the rename on. An error after it means that the new manifest stands and may not be durable.
  absl::Status ReplaceManifest(Manifest next, bool* visible) {
    const std::string path = options_.folder + "/" + Manifest::kFileName;
    const std::string temporary = path + ".tmp";
    next.written_at = absl::Now();
    absl::Status status = disk_.WriteFile(temporary, ManifestToJson(next));
    if (status.ok()) status = disk_.Rename(temporary, path);
    if (!status.ok()) {
      disk_.Remove(temporary).IgnoreError();
      return status;
    }
    *visible = true;
    manifest_ = std::move(next);
    return disk_.SyncFolder(options_.folder);
  }

  // What cannot be removed now is an orphan that the next Open removes.
  void RemoveFile(const Shard& shard) {
    const absl::Status status = disk_.Remove(Path(shard));
    if (!status.ok()) spdlog::warn("shard not removed: {}", std::string(status.message()));
  }

  const DatasetOptions options_;
  Disk& disk_;
  const std::unique_ptr<FolderLock> lock_;
  Manifest manifest_;
  // By lane.
  std::map<uint32_t, Commit> under_way_;
};

// The manifest of a folder that has one, checked; a first one, written, of a folder that has none.
absl::StatusOr<Manifest> LoadOrCreate(const DatasetOptions& options, Disk& disk) {
  auto loaded = LoadManifest(options.folder);
  if (loaded.ok()) {
    if (loaded->job == options.job && loaded->spec_hash == options.spec_hash) return loaded;
    return MakeError(absl::StatusCode::kAlreadyExists, "OUTPUT_HOLDS_ANOTHER_JOB",
                     absl::StrFormat("%s holds the dataset of %s (spec %s), not of %s (spec %s); choose another folder",
                                     options.folder, loaded->job, loaded->spec_hash, options.job, options.spec_hash));
  }
  if (ErrorReason(loaded.status()) != "NO_DATASET") return loaded;
  if (HasShardFiles(options.folder)) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "OUTPUT_NOT_EMPTY",
                     absl::StrFormat("%s holds shards but no manifest; choose another folder", options.folder));
  }
  Manifest manifest;
  manifest.job = options.job;
  manifest.spec_hash = options.spec_hash;
  manifest.quern_version = options.quern_version;
  manifest.created_at = manifest.written_at = absl::Now();
  if (!options.spec_json.empty()) {
    QUERN_RETURN_IF_ERROR(ReplaceFile(disk, options.folder, Manifest::kSpecFileName, options.spec_json));
  }
  QUERN_RETURN_IF_ERROR(ReplaceFile(disk, options.folder, Manifest::kFileName, ManifestToJson(manifest)));
  return manifest;
}

Disk& RealDisk() {
  static Disk disk;
  return disk;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DatasetWriter>> DatasetWriter::Open(DatasetOptions options, Disk* disk) {
  Disk& used = disk == nullptr ? RealDisk() : *disk;
  QUERN_RETURN_IF_ERROR(MakeFolders(options.folder));
  QUERN_ASSIGN_OR_RETURN(auto lock, FolderLock::Take(options.folder));
  QUERN_ASSIGN_OR_RETURN(Manifest manifest, LoadOrCreate(options, used));
  QUERN_RETURN_IF_ERROR(CheckShards(options.folder, manifest));
  QUERN_ASSIGN_OR_RETURN(const uint64_t orphan, RemoveOrphans(options.folder, manifest, used));
  manifest.next_shard = std::max(manifest.next_shard, orphan + 1);
  return std::make_unique<Writer>(std::move(options), used, std::move(lock), std::move(manifest));
}

}  // namespace quern::dataset
