#include "common/llm/gunzip.h"

#include <zlib.h>

namespace quern::llm {

Gunzipped Gunzip(std::string_view bytes, size_t max_bytes, std::string* text) {
  // For zlib: the largest window, and gzip's header.
  constexpr int kGzip = 15 + 16;
  constexpr size_t kStep = 64 << 10;
  z_stream stream{};
  if (inflateInit2(&stream, kGzip) != Z_OK) return Gunzipped::kBroken;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  text->clear();
  int state = Z_OK;
  while (state == Z_OK && text->size() <= max_bytes) {
    const size_t had = text->size();
    text->resize(had + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(text->data() + had);
    stream.avail_out = kStep;
    state = inflate(&stream, Z_NO_FLUSH);
    text->resize(had + kStep - stream.avail_out);
  }
  inflateEnd(&stream);
  if (text->size() > max_bytes) return Gunzipped::kTooLong;
  return state == Z_STREAM_END ? Gunzipped::kWhole : Gunzipped::kBroken;
}

}  // namespace quern::llm
