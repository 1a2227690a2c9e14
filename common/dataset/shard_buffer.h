#pragma once

#include <zstd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"

namespace quern::dataset {

// Collects rows of one kind as one zstd frame of JSON lines, in memory. Not thread-safe.
class ShardBuffer {
 public:
  explicit ShardBuffer(int compression_level);
  ~ShardBuffer();
  ShardBuffer(const ShardBuffer&) = delete;
  ShardBuffer& operator=(const ShardBuffer&) = delete;

  // Adds one row. Not after Finish.
  void Append(const google::protobuf::Message& row);

  // Ends the frame (once) and returns it.
  const std::string& Finish();

  uint64_t rows() const { return rows_; }

 private:
  void Compress(std::string_view bytes, ZSTD_EndDirective directive);

  ZSTD_CCtx* const context_;
  std::vector<char> block_;
  std::string line_;
  std::string frame_;
  uint64_t rows_ = 0;
  bool finished_ = false;
};

}  // namespace quern::dataset
