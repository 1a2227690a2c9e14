#include "common/dataset/shard_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "common/dataset/row_json.h"
#include "quern/v1/record.pb.h"
#include "tests/unit/common/dataset/compress.h"
#include "tests/unit/common/dataset/temporary_folder.h"

namespace quern::dataset {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::StartsWith;

std::string Row(const std::string& id) {
  v1::RejectionRow row;
  row.set_id(id);
  std::string json;
  AppendRowJson(row, &json);
  return json + "\n";
}

class ShardReaderTest : public testing::Test {
 protected:
  // Reason of the error that reading a shard of these bytes ends in; "" when it is fine.
  std::string Reason(std::string_view bytes, uint64_t rows, uint64_t rows_before = 0) {
    Shard shard{RowKind::kRejections, 1, rows, bytes.size(), {{1, 0, 1, rows}}};
    folder_.Write(shard.file(), bytes);
    auto reader = ShardReader::Open(folder_.path(), shard, rows_before);
    if (!reader.ok()) return ErrorReason(reader.status());
    v1::RejectionRow row;
    for (;;) {
      const auto more = (*reader)->Next(&row);
      if (!more.ok()) return ErrorReason(more.status());
      if (!*more) return row.id() == "b" ? "" : "LAST_ROW_MISSING";
    }
  }
  TemporaryFolder folder_;
};

TEST_F(ShardReaderTest, ReadsTheRowsAfterAPosition) {
  EXPECT_EQ(Reason(Zstd(Row("a") + Row("b")), 2), "");
  EXPECT_EQ(Reason(Zstd(Row("a")) + Zstd(Row("b")), 2, 1), "");
  EXPECT_EQ(Reason(Zstd(Row("a")), 1, 2), "SHARD_CORRUPT");
}

TEST_F(ShardReaderTest, PassesOverRowsThatBeginOtherwise) {
  const std::string bytes = Zstd(Row("a") + Row("b") + Row("b#1") + Row("c"));
  const Shard shard{RowKind::kRejections, 1, 4, bytes.size(), {{1, 0, 1, 4}}};
  folder_.Write(shard.file(), bytes);
  const auto reader = ShardReader::Open(folder_.path(), shard);
  v1::RejectionRow row;
  std::vector<std::string> found;
  while (*(*reader)->Next(&row, RowBeginning("b"))) {
    found.push_back(row.id() + " at " + std::to_string((*reader)->rows()));
  }
  EXPECT_THAT(found, testing::ElementsAre("b at 2", "b#1 at 3"));
  EXPECT_EQ((*reader)->rows(), 4u);
}

TEST_F(ShardReaderTest, ToleratesNothing) {
  const std::string rows = Row("a") + Row("b");
  EXPECT_EQ(Reason(Zstd(rows), 3), "SHARD_CORRUPT") << "too few rows";
  EXPECT_EQ(Reason(Zstd(rows), 1), "SHARD_CORRUPT") << "too many rows";
  EXPECT_EQ(Reason(Zstd(rows.substr(0, rows.size() - 1)), 2), "SHARD_CORRUPT") << "no last line feed";
  EXPECT_EQ(Reason(Zstd(rows.substr(0, rows.size() - 5) + "\n"), 2), "SHARD_CORRUPT") << "torn line";
  const std::string frame = Zstd(rows);
  EXPECT_EQ(Reason(frame.substr(0, frame.size() - 1), 2), "SHARD_CORRUPT") << "cut off";
  EXPECT_EQ(Reason(Zstd(R"({"id":"b","unheard_of":1})"
                        "\n"),
                   1),
            "SHARD_CORRUPT")
      << "unknown field";
}

TEST_F(ShardReaderTest, ADamagedLineIsToldWithItsFileAndWhatToDo) {
  const std::string bytes = Zstd(Row("a") + "{\"id\": x}\n");
  const Shard shard{RowKind::kRejections, 1, 2, bytes.size(), {{1, 0, 1, 2}}};
  folder_.Write(shard.file(), bytes);
  const auto reader = ShardReader::Open(folder_.path(), shard);
  v1::RejectionRow row;
  ASSERT_TRUE((*reader)->Next(&row).ok());
  EXPECT_THAT(std::string((*reader)->Next(&row).status().message()),
              AllOf(StartsWith(folder_ / shard.file() + ", row 2: byte 8 of the line: "),
                    EndsWith("; the file is damaged: restore it from a copy, or make the dataset anew in another "
                             "folder")));
}

TEST_F(ShardReaderTest, MissingFileIsGone) {
  EXPECT_EQ(ErrorReason(ShardReader::Open(folder_.path(), Shard{}).status()), "SHARD_GONE");
}

}  // namespace
}  // namespace quern::dataset
