#include "common/dataset/shard_reader.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/dataset/row_json.h"

namespace quern::dataset {
namespace {

// A document of the largest size whose every byte is escaped as \u00XX, and the rest of a row.
constexpr size_t kMaxRowBytes = size_t{6} * (64 << 20) + (64 << 20);

}  // namespace

ShardReader::ShardReader(std::string name, std::unique_ptr<ByteStream> stream, uint64_t expected)
    : name_(std::move(name)), stream_(std::move(stream)), lines_(*stream_, kMaxRowBytes), expected_(expected) {}

absl::StatusOr<std::unique_ptr<ShardReader>> ShardReader::Open(const std::string& folder, const Shard& shard,
                                                               uint64_t rows_before) {
  const std::string path = folder + "/" + shard.file();
  auto stream = OpenByteStream(path);
  if (!stream.ok()) {
    return MakeError(absl::StatusCode::kNotFound, "SHARD_GONE", std::string(stream.status().message()));
  }
  std::unique_ptr<ShardReader> reader(new ShardReader(path, *std::move(stream), shard.rows));
  const absl::Status skipped = reader->lines_.Skip(rows_before);
  if (!skipped.ok()) return reader->Corrupt(std::string(skipped.message()));
  if (reader->lines_.lines() != rows_before) return reader->Corrupt("it holds fewer rows than the manifest says");
  reader->rows_ = rows_before;
  return reader;
}

absl::Status ShardReader::Corrupt(std::string_view why) const {
  return MakeError(absl::StatusCode::kDataLoss, "SHARD_CORRUPT",
                   absl::StrFormat("%s, row %d: %s; the file is damaged: restore it from a copy, or make the dataset "
                                   "anew in another folder",
                                   name_, rows_ + 1, why));
}

absl::StatusOr<bool> ShardReader::NextLine(LineReader::Line* line) {
  const auto more = lines_.Next(line);
  if (!more.ok()) return Corrupt(std::string(more.status().message()));
  if (!*more) {
    if (rows_ == expected_) return false;
    return Corrupt("it holds fewer rows than the manifest says");
  }
  if (rows_ == expected_) return Corrupt("it holds more rows than the manifest says");
  if (!line->ended) return Corrupt("the line is torn");
  return true;
}

absl::StatusOr<bool> ShardReader::Next(google::protobuf::Message* row, std::string_view beginning) {
  LineReader::Line line;
  while (true) {
    QUERN_ASSIGN_OR_RETURN(const bool more, NextLine(&line));
    if (!more) return false;
    if (line.text.substr(0, beginning.size()) == beginning) break;
    ++rows_;
  }
  const absl::Status parsed = ParseRowJson(line.text, row);
  if (!parsed.ok()) return Corrupt(std::string(parsed.message()));
  ++rows_;
  return true;
}

}  // namespace quern::dataset
