#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/dataset/manifest.h"
#include "common/dataset/shard_reader.h"
#include "quern/v1/record.pb.h"
#include "tests/support/child_process.h"
#include "tests/support/prose.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::testing {

// What one run of `quern` said.
struct Said {
  // Nullopt: it had to be killed because it did not end.
  std::optional<int> code;
  std::string out;
  std::string err;
};

// Runs `quern` to its end.
inline Said Quern(std::vector<std::string> words, absl::Duration timeout = absl::Seconds(100)) {
  words.insert(words.begin(), "quern");
  ChildProcess process(words);
  const std::optional<int> code = process.Wait(timeout);
  return {code, process.Stdout(), process.Stderr()};
}

// Waits until `condition` holds or `process` has ended; true when it holds.
template <class Condition>
bool WaitUntil(ChildProcess& process, const Condition& condition) {
  while (!condition()) {
    if (process.Wait(absl::Milliseconds(2))) return condition();
  }
  return true;
}

// Bytes of the private Redis' append-only files under `dir`.
inline uint64_t LogBytes(const std::string& dir) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir + "/redis/appendonlydir", error)) {
    const uint64_t size = entry.file_size(error);
    if (!error) bytes += size;
  }
  return bytes;
}

// All rows of one kind, in order. An unreadable dataset fails the test.
template <class Row>
std::vector<Row> Rows(const std::string& dir, dataset::RowKind kind) {
  std::vector<Row> rows;
  const auto manifest = dataset::LoadManifest(dir);
  EXPECT_TRUE(manifest.ok()) << manifest.status();
  if (!manifest.ok()) return rows;
  for (const dataset::Shard& shard : manifest->shards) {
    if (shard.kind != kind) continue;
    const auto reader = dataset::ShardReader::Open(dir, shard);
    EXPECT_TRUE(reader.ok()) << reader.status();
    if (!reader.ok()) return rows;
    Row row;
    absl::StatusOr<bool> more = true;
    while ((more = (*reader)->Next(&row)).ok() && *more) rows.push_back(row);
    EXPECT_TRUE(more.ok()) << more.status();
  }
  return rows;
}

// The ids of all records; one that stands twice fails the test.
inline std::set<std::string> RecordIds(const std::string& dir) {
  std::set<std::string> ids;
  for (const v1::RecordRow& record : Rows<v1::RecordRow>(dir, dataset::RowKind::kRecords)) {
    EXPECT_TRUE(ids.insert(record.id()).second) << record.id() << " stands twice";
  }
  return ids;
}

// `quern inspect --json`.
inline nlohmann::json Inspect(const std::string& dir) {
  const Said said = Quern({"inspect", dir, "--json"});
  EXPECT_EQ(said.code, 0) << said.err;
  return nlohmann::json::parse(said.out, nullptr, false);
}

// Holds when the dataset is final, its counts reconcile and agree with its rows, and every one of the documents
// doc-0 … doc-(n-1), and nothing else, came to its end: in its own row, or in those of all its items.
inline void ExpectComplete(const std::string& dir, uint64_t documents, uint64_t unreadable = 0) {
  const nlohmann::json counts = Inspect(dir);
  EXPECT_EQ(counts["state"], "completed");
  EXPECT_EQ(counts["reconciles"], true) << counts.dump(2);
  EXPECT_EQ(counts["documents"]["accepted"], documents + unreadable);
  EXPECT_EQ(counts["documents"]["in_flight"], 0);
  EXPECT_EQ(counts["items"]["in_flight"], 0);
  EXPECT_EQ(counts["rows"]["records"], counts["items"]["records"]);
  EXPECT_GT(counts["items"]["records"], 0) << "a corpus of facts yields records: " << counts.dump(2);
  std::set<std::string> keys;
  std::set<std::string> ended;
  const auto add = [&](const std::string& key, const std::string& document) {
    EXPECT_TRUE(keys.insert(key).second) << key << " has ended twice";
    if (!document.empty()) ended.insert(document);
  };
  for (const auto& row : Rows<v1::RecordRow>(dir, dataset::RowKind::kRecords)) add(row.id(), row.document_id());
  for (const auto& row : Rows<v1::RejectionRow>(dir, dataset::RowKind::kRejections)) add(row.id(), row.document_id());
  for (const auto& row : Rows<v1::DeadLetterRow>(dir, dataset::RowKind::kDeadLetters)) add(row.id(), row.document_id());
  EXPECT_EQ(ended.size(), documents);
  for (uint64_t i = 0; i < documents; ++i) EXPECT_EQ(ended.count("doc-" + std::to_string(i)), 1) << i;
}

// A folder with a corpus of its own.
class RunTest : public ::testing::Test {
 protected:
  // Writes `documents` documents of about 1 KB into one file.
  std::string WriteCorpus(uint64_t documents) const {
    std::string text;
    for (uint64_t i = 0; i < documents; ++i) text += MakeProseLine(i, 1000);
    return folder_.Write("corpus.jsonl", text);
  }

  std::string Output(const std::string& name = "out") const { return folder_ / name; }

  dataset::TemporaryFolder folder_;
};

}  // namespace quern::testing
