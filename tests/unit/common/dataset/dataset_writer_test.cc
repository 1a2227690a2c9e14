#include "common/dataset/dataset_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "tests/unit/common/dataset/faulty_disk.h"
#include "tests/unit/common/dataset/read_dataset.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::dataset {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DatasetOptions Options(const std::string& folder) { return {folder, "jobs/j", "spec", "0.1.0", "{}\n", 3, 256 << 20}; }

v1::RecordRow Record(std::string id) {
  v1::RecordRow row;
  row.set_id(std::move(id));
  return row;
}

v1::RejectionRow Rejection(std::string id) {
  v1::RejectionRow row;
  row.set_id(std::move(id));
  return row;
}

// Commit `commit` of `lane` writes the records "lane.commit.0" and "lane.commit.1" and one rejection.
absl::Status WriteCommit(DatasetWriter& writer, uint32_t lane, uint64_t commit) {
  QUERN_RETURN_IF_ERROR(writer.Begin(lane, commit));
  const std::string prefix = std::to_string(lane) + "." + std::to_string(commit) + ".";
  writer.Append(lane, Record(prefix + "0"));
  writer.Append(lane, Record(prefix + "1"));
  writer.Append(lane, Rejection(prefix + "r"));
  v1::JobCounts counts;
  counts.mutable_items()->set_records(2 * commit);
  return writer.Publish(lane, counts, v1::JOB_STATE_RUNNING);
}

// Files in the shard folders that the manifest does not name.
std::vector<std::string> Strangers(const std::string& folder) {
  std::vector<std::string> strangers;
  const auto manifest = LoadManifest(folder);
  for (const RowKind kind : kRowKinds) {
    for (const auto& entry : std::filesystem::directory_iterator(folder + "/" + std::string(FolderOf(kind)))) {
      bool named = false;
      for (const Shard& shard : manifest->shards) named |= entry.path() == folder + "/" + shard.file();
      if (!named) strangers.push_back(entry.path());
    }
  }
  if (std::filesystem::exists(folder + "/manifest.json.tmp")) strangers.push_back("manifest.json.tmp");
  return strangers;
}

class DatasetWriterTest : public testing::Test {
 protected:
  std::unique_ptr<DatasetWriter> Open(Disk* disk = nullptr) {
    auto writer = DatasetWriter::Open(Options(folder_.path()), disk);
    EXPECT_TRUE(writer.ok()) << writer.status();
    return writer.ok() ? *std::move(writer) : nullptr;
  }
  std::vector<std::string> Records() { return ReadIds<v1::RecordRow>(folder_.path(), RowKind::kRecords); }
  TemporaryFolder folder_;
};

TEST_F(DatasetWriterTest, PublishedRowsAreReadBackInOrder) {
  auto writer = Open();
  ASSERT_TRUE(WriteCommit(*writer, 0, 1).ok());
  ASSERT_TRUE(WriteCommit(*writer, 1, 7).ok());
  EXPECT_THAT(Records(), ElementsAre("0.1.0", "0.1.1", "1.7.0", "1.7.1"));
  EXPECT_THAT(ReadIds<v1::RejectionRow>(folder_.path(), RowKind::kRejections), ElementsAre("0.1.r", "1.7.r"));
  EXPECT_THAT(ReadIds<v1::DeadLetterRow>(folder_.path(), RowKind::kDeadLetters), IsEmpty());
}

TEST_F(DatasetWriterTest, ManifestTellsWhatIsThere) {
  const absl::Time before = absl::Now() - absl::Milliseconds(1);
  ASSERT_TRUE(WriteCommit(*Open(), 2, 5).ok());
  const auto manifest = LoadManifest(folder_.path());
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->job, "jobs/j");
  EXPECT_EQ(manifest->spec_hash, "spec");
  EXPECT_EQ(manifest->quern_version, "0.1.0");
  EXPECT_GE(manifest->created_at, before);
  EXPECT_GE(manifest->written_at, manifest->created_at);
  EXPECT_LE(manifest->written_at, absl::Now());
  EXPECT_EQ(manifest->state, v1::JOB_STATE_RUNNING);
  EXPECT_EQ(manifest->counts.items().records(), 10u);
  EXPECT_EQ(manifest->lane_commits.at(2), 5u);
  EXPECT_EQ(manifest->rows(RowKind::kRecords), 2u);
  EXPECT_EQ(manifest->next_shard, 3u);
  EXPECT_EQ(manifest->shards[0].bytes, std::filesystem::file_size(folder_ / manifest->shards[0].file()));
}

TEST_F(DatasetWriterTest, UnpublishedRowsAreNowhere) {
  auto writer = Open();
  ASSERT_TRUE(writer->Begin(0, 1).ok());
  writer->Append(0, Record("lost"));
  ASSERT_TRUE(WriteCommit(*writer, 0, 1).ok());
  EXPECT_THAT(Records(), ElementsAre("0.1.0", "0.1.1"));
  ASSERT_TRUE(writer->Begin(0, 2).ok());
  writer->Append(0, Record("rolled back"));
  ASSERT_TRUE(writer->RollBack(0, 1).ok());
  ASSERT_TRUE(writer->Publish(0, {}, v1::JOB_STATE_RUNNING).ok());
  EXPECT_THAT(Records(), ElementsAre("0.1.0", "0.1.1"));
}

TEST_F(DatasetWriterTest, LanesCommitOnTheirOwnWhatTheyGather) {
  auto writer = Open();
  ASSERT_TRUE(writer->Begin(0, 1).ok());
  ASSERT_TRUE(writer->Begin(1, 1).ok());
  writer->Append(0, Record("a"));
  writer->Append(1, Record("b"));
  writer->Append(0, Record("c"));
  ASSERT_TRUE(writer->Publish(1, {}, v1::JOB_STATE_RUNNING).ok());
  EXPECT_THAT(Records(), ElementsAre("b"));
  EXPECT_FALSE(LoadManifest(folder_.path())->lane_commits.contains(0));
  ASSERT_TRUE(writer->Publish(0, {}, v1::JOB_STATE_RUNNING).ok());
  EXPECT_THAT(Records(), ElementsAre("b", "a", "c"));
}

TEST_F(DatasetWriterTest, CommitNumbersMustGrow) {
  auto writer = Open();
  ASSERT_TRUE(WriteCommit(*writer, 0, 4).ok());
  EXPECT_EQ(ErrorReason(writer->Begin(0, 4)), "COMMIT_NOT_NEW");
  EXPECT_EQ(ErrorReason(writer->Begin(0, 3)), "COMMIT_NOT_NEW");
  EXPECT_TRUE(writer->Begin(1, 1).ok());
}

TEST_F(DatasetWriterTest, EmptyCommitIsNoted) {
  auto writer = Open();
  ASSERT_TRUE(writer->Begin(0, 9).ok());
  ASSERT_TRUE(writer->Publish(0, {}, v1::JOB_STATE_COMPLETED).ok());
  EXPECT_EQ(LoadManifest(folder_.path())->lane_commits.at(0), 9u);
  EXPECT_EQ(LoadManifest(folder_.path())->state, v1::JOB_STATE_COMPLETED);
}

TEST_F(DatasetWriterTest, RollBackForgetsLaterCommitsOfOneLane) {
  auto writer = Open();
  for (const uint64_t commit : {1, 2, 3}) {
    ASSERT_TRUE(WriteCommit(*writer, 0, commit).ok());
    ASSERT_TRUE(WriteCommit(*writer, 1, commit).ok());
  }
  const uint64_t next_shard = writer->manifest().next_shard;
  ASSERT_TRUE(writer->RollBack(0, 1).ok());
  EXPECT_THAT(Records(), ElementsAre("0.1.0", "0.1.1", "1.1.0", "1.1.1", "1.2.0", "1.2.1", "1.3.0", "1.3.1"));
  EXPECT_THAT(Strangers(folder_.path()), IsEmpty());
  ASSERT_TRUE(WriteCommit(*writer, 0, 2).ok());
  EXPECT_EQ(writer->manifest().shards.back().number, next_shard + 1) << "numbers are never used twice";
  ASSERT_TRUE(writer->RollBack(0, 2).ok());
  EXPECT_EQ(Records().size(), 10u);
  EXPECT_TRUE(FindRow(writer->manifest(), RowKind::kRecords, {3, 1}).ok());
  EXPECT_EQ(ErrorReason(FindRow(writer->manifest(), RowKind::kRecords, {5, 1}).status()), "POSITION_GONE");
}

TEST_F(DatasetWriterTest, CompactionKeepsOrderAndPositions) {
  auto writer = Open();
  for (const uint64_t commit : {1, 2, 3}) {
    ASSERT_TRUE(WriteCommit(*writer, 0, commit).ok());
    ASSERT_TRUE(WriteCommit(*writer, 1, commit).ok());
  }
  const auto before = Records();
  const RowPosition second_row_of_lane_1{3, 1};  // Shard 3 holds the records of lane 1's commit 1.
  const auto rest = ReadIds<v1::RecordRow>(folder_.path(), RowKind::kRecords, second_row_of_lane_1);
  ASSERT_TRUE(writer->Compact({{0, 3}, {1, 2}}).ok());
  // Lane 1's commit 3 is not durable yet.
  EXPECT_EQ(writer->manifest().shards.size(), 4u);
  EXPECT_EQ(Records(), before);
  EXPECT_EQ(ReadIds<v1::RecordRow>(folder_.path(), RowKind::kRecords, second_row_of_lane_1), rest);
  EXPECT_THAT(Strangers(folder_.path()), IsEmpty());
  EXPECT_EQ(ErrorReason(writer->RollBack(0, 2)), "COMMIT_COMPACTED");
  EXPECT_TRUE(writer->RollBack(1, 2).ok());
  ASSERT_TRUE(WriteCommit(*writer, 0, 4).ok());
  ASSERT_TRUE(writer->Compact({{0, 4}, {1, 2}}).ok());
  EXPECT_EQ(writer->manifest().shards.size(), 2u);
  EXPECT_EQ(ReadIds<v1::RecordRow>(folder_.path(), RowKind::kRecords, second_row_of_lane_1).size(), rest.size());
}

TEST_F(DatasetWriterTest, CompactionRespectsTheSizeLimit) {
  auto options = Options(folder_.path());
  options.max_compacted_bytes = 1000;
  auto writer = *DatasetWriter::Open(options);
  for (uint64_t commit = 1; commit <= 20; ++commit) ASSERT_TRUE(WriteCommit(*writer, 0, commit).ok());
  const auto before = Records();
  ASSERT_TRUE(writer->Compact({{0, 20}}).ok());
  EXPECT_EQ(Records(), before);
  EXPECT_LT(writer->manifest().shards.size(), 40u);
  EXPECT_GT(writer->manifest().shards.size(), 2u);
  for (const Shard& shard : writer->manifest().shards) EXPECT_LE(shard.bytes, 1000u);
}

TEST_F(DatasetWriterTest, SecondWriterIsRefused) {
  auto writer = Open();
  EXPECT_EQ(ErrorReason(DatasetWriter::Open(Options(folder_.path())).status()), "OUTPUT_IN_USE");
  writer.reset();
  EXPECT_TRUE(DatasetWriter::Open(Options(folder_.path())).ok());
}

TEST_F(DatasetWriterTest, AnotherJobsDatasetIsRefused) {
  Open().reset();
  auto options = Options(folder_.path());
  options.job = "jobs/other";
  EXPECT_EQ(ErrorReason(DatasetWriter::Open(options).status()), "OUTPUT_HOLDS_ANOTHER_JOB");
  options = Options(folder_.path());
  options.spec_hash = "other";
  EXPECT_EQ(ErrorReason(DatasetWriter::Open(options).status()), "OUTPUT_HOLDS_ANOTHER_JOB");
}

TEST_F(DatasetWriterTest, FilesOfOthersAreNotTouched) {
  const std::string theirs = folder_.Write("records/000001.jsonl.zst", "precious");
  EXPECT_EQ(ErrorReason(DatasetWriter::Open(Options(folder_.path())).status()), "OUTPUT_NOT_EMPTY");
  EXPECT_EQ(TemporaryFolder::Read(theirs), "precious");
  std::filesystem::remove(theirs);
  Open().reset();
  const std::string note = folder_.Write("records/README", "mine");
  Open().reset();
  EXPECT_EQ(TemporaryFolder::Read(note), "mine");
}

TEST_F(DatasetWriterTest, MissingShardIsAnErrorAtOpen) {
  ASSERT_TRUE(WriteCommit(*Open(), 0, 1).ok());
  std::filesystem::remove(folder_ / "records/000001.jsonl.zst");
  EXPECT_EQ(ErrorReason(DatasetWriter::Open(Options(folder_.path())).status()), "SHARD_CORRUPT");
}

TEST_F(DatasetWriterTest, DamagedManifestIsAnError) {
  Open().reset();
  folder_.Write("manifest.json", "{");
  const absl::Status damaged = DatasetWriter::Open(Options(folder_.path())).status();
  EXPECT_EQ(ErrorReason(damaged), "MANIFEST_CORRUPT");
  EXPECT_EQ(damaged.message(), (folder_ / "manifest.json") +
                                   ": the manifest is damaged: it is no JSON from byte 2 on; "
                                   "restore it from a copy, or make the dataset anew in another folder");
  folder_.Write("manifest.json", R"({"format_version": "one"})");
  EXPECT_THAT(std::string(LoadManifest(folder_.path()).status().message()),
              HasSubstr("a field is missing or of the wrong type"));
  folder_.Write("manifest.json", R"({"format_version": 99})");
  EXPECT_EQ(ErrorReason(LoadManifest(folder_.path()).status()), "DATASET_TOO_NEW");
  EXPECT_EQ(ErrorReason(LoadManifest(folder_ / "nothing").status()), "NO_DATASET");
}

// What the fault tests do: commits of two lanes, a roll-back, a compaction. Goes on from whatever the dataset holds.
absl::Status RunScript(DatasetWriter& writer) {
  const auto done = [&](uint32_t lane) {
    const auto found = writer.manifest().lane_commits.find(lane);
    return found == writer.manifest().lane_commits.end() ? 0 : found->second;
  };
  if (done(1) == 0) {
    if (done(0) < 1) QUERN_RETURN_IF_ERROR(WriteCommit(writer, 0, 1));
    if (done(0) < 2) QUERN_RETURN_IF_ERROR(WriteCommit(writer, 0, 2));
    QUERN_RETURN_IF_ERROR(WriteCommit(writer, 1, 1));
  }
  if (done(1) == 1) {
    QUERN_RETURN_IF_ERROR(writer.RollBack(0, 1));
    QUERN_RETURN_IF_ERROR(WriteCommit(writer, 1, 2));
  }
  if (done(0) < 3) QUERN_RETURN_IF_ERROR(WriteCommit(writer, 0, 3));
  return writer.Compact({{0, 3}, {1, 2}});
}

const std::vector<std::string> kScriptRecords = {"0.1.0", "0.1.1", "1.1.0", "1.1.1",
                                                 "1.2.0", "1.2.1", "0.3.0", "0.3.1"};

TEST_F(DatasetWriterTest, ScriptGivesWhatTheFaultTestsExpect) {
  ASSERT_TRUE(RunScript(*Open()).ok());
  EXPECT_EQ(Records(), kScriptRecords);
}

TEST_F(DatasetWriterTest, KilledAtAnyStepItLeavesWholeCommitsAndGoesOn) {
  int steps = 0;
  for (int at = 1;; ++at) {
    TemporaryFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
      FaultyDisk disk(FaultyDisk::Fault::kKill, at);
      auto writer = DatasetWriter::Open(Options(folder.path()), &disk);
      ::_exit(writer.ok() && RunScript(**writer).ok() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 0) break;
    ASSERT_EQ(WEXITSTATUS(status), 9) << "step " << at;
    ++steps;
    auto writer = DatasetWriter::Open(Options(folder.path()));
    ASSERT_TRUE(writer.ok()) << "step " << at << ": " << writer.status();
    EXPECT_THAT(Strangers(folder.path()), IsEmpty()) << "step " << at;
    const auto left = ReadIds<v1::RecordRow>(folder.path(), RowKind::kRecords);
    EXPECT_EQ(left.size() % 2, 0u) << "a commit is there as a whole or not at all";
    ASSERT_TRUE(RunScript(**writer).ok()) << "step " << at;
    EXPECT_EQ(ReadIds<v1::RecordRow>(folder.path(), RowKind::kRecords), kScriptRecords) << "step " << at;
    EXPECT_THAT(Strangers(folder.path()), IsEmpty()) << "step " << at;
  }
  EXPECT_GT(steps, 40);
}

TEST_F(DatasetWriterTest, FullDiskAtAnyStepPublishesNothingAndIsRetried) {
  for (int at = 1;; ++at) {
    TemporaryFolder folder;
    FaultyDisk disk(FaultyDisk::Fault::kFull, at);
    auto writer = DatasetWriter::Open(Options(folder.path()), &disk);
    if (!writer.ok()) {
      EXPECT_EQ(ErrorReason(writer.status()), "DISK_FULL");
      writer = DatasetWriter::Open(Options(folder.path()), &disk);
    }
    ASSERT_TRUE(writer.ok());
    absl::Status status = WriteCommit(**writer, 0, 1);
    if (!status.ok()) {
      EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
      EXPECT_EQ(ErrorReason(status), "DISK_FULL") << "step " << at;
      const auto seen = ReadIds<v1::RecordRow>(folder.path(), RowKind::kRecords);
      EXPECT_TRUE(seen.empty() || seen.size() == 2) << "step " << at;
      EXPECT_THAT(Strangers(folder.path()), IsEmpty()) << "step " << at;
      EXPECT_TRUE((*writer)->Publish(0, {}, v1::JOB_STATE_RUNNING).ok()) << "the rows are kept for the retry";
    }
    EXPECT_THAT(ReadIds<v1::RecordRow>(folder.path(), RowKind::kRecords), ElementsAre("0.1.0", "0.1.1"))
        << "step " << at;
    status = WriteCommit(**writer, 0, 2);
    if (!status.ok()) {
      EXPECT_TRUE((*writer)->Publish(0, {}, v1::JOB_STATE_RUNNING).ok());
    }
    status = (*writer)->Compact({{0, 2}});
    if (!status.ok()) {
      EXPECT_EQ(ErrorReason(status), "DISK_FULL");
      EXPECT_THAT(ReadIds<v1::RecordRow>(folder.path(), RowKind::kRecords),
                  ElementsAre("0.1.0", "0.1.1", "0.2.0", "0.2.1"));
      EXPECT_TRUE((*writer)->Compact({{0, 2}}).ok());
    }
    EXPECT_THAT(ReadIds<v1::RecordRow>(folder.path(), RowKind::kRecords),
                ElementsAre("0.1.0", "0.1.1", "0.2.0", "0.2.1"));
    if (disk.steps() < at) break;
  }
}

}  // namespace
}  // namespace quern::dataset
