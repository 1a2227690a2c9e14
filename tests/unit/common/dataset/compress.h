#pragma once

#include <zlib.h>
#include <zstd.h>

#include <string>
#include <string_view>

namespace quern::dataset {

// One gzip member.
inline std::string Gzip(std::string_view bytes) {
  z_stream deflate = {};
  ::deflateInit2(&deflate, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(::deflateBound(&deflate, bytes.size()) + 64, '\0');
  deflate.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  deflate.avail_in = static_cast<uInt>(bytes.size());
  deflate.next_out = reinterpret_cast<Bytef*>(out.data());
  deflate.avail_out = static_cast<uInt>(out.size());
  ::deflate(&deflate, Z_FINISH);
  out.resize(deflate.total_out);
  ::deflateEnd(&deflate);
  return out;
}

// One zstd frame with a checksum, as the command line tool writes it. `window_log` 0: the level's own.
inline std::string Zstd(std::string_view bytes, int window_log = 0) {
  ZSTD_CCtx* const context = ::ZSTD_createCCtx();
  ::ZSTD_CCtx_setParameter(context, ::ZSTD_c_checksumFlag, 1);
  if (window_log != 0) {
    ::ZSTD_CCtx_setParameter(context, ::ZSTD_c_windowLog, window_log);
    ::ZSTD_CCtx_setParameter(context, ::ZSTD_c_contentSizeFlag, 0);
  }
  std::string out(::ZSTD_compressBound(bytes.size()) + 64, '\0');
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  // The window of a frame written in one go shrinks to its content, so the content goes in first, the end after it.
  ::ZSTD_compressStream2(context, &output, &input, ::ZSTD_e_continue);
  ::ZSTD_compressStream2(context, &output, &input, ::ZSTD_e_end);
  ::ZSTD_freeCCtx(context);
  out.resize(output.pos);
  return out;
}

}  // namespace quern::dataset
