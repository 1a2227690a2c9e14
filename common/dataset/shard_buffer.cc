#include "common/dataset/shard_buffer.h"

#include "common/dataset/row_json.h"

namespace quern::dataset {

ShardBuffer::ShardBuffer(int compression_level) : context_(::ZSTD_createCCtx()), block_(::ZSTD_CStreamOutSize()) {
  ::ZSTD_CCtx_setParameter(context_, ::ZSTD_c_compressionLevel, compression_level);
  ::ZSTD_CCtx_setParameter(context_, ::ZSTD_c_checksumFlag, 1);
}

ShardBuffer::~ShardBuffer() { ::ZSTD_freeCCtx(context_); }

void ShardBuffer::Append(const google::protobuf::Message& row) {
  line_.clear();
  AppendRowJson(row, &line_);
  line_.push_back('\n');
  Compress(line_, ::ZSTD_e_continue);
  ++rows_;
}

// zstd cannot fail here: it has memory of its own and always some room for output.
void ShardBuffer::Compress(std::string_view bytes, ZSTD_EndDirective directive) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  size_t left = 1;
  while (in.pos < in.size || (directive == ::ZSTD_e_end && left != 0)) {
    ZSTD_outBuffer out{block_.data(), block_.size(), 0};
    left = ::ZSTD_compressStream2(context_, &out, &in, directive);
    frame_.append(block_.data(), out.pos);
  }
}

const std::string& ShardBuffer::Finish() {
  if (!finished_) Compress({}, ::ZSTD_e_end);
  finished_ = true;
  return frame_;
}

}  // namespace quern::dataset
