#include "common/queue/document_codec.h"

#include <zstd.h>

#include "common/base/error.h"
#include "common/base/recent_values.h"

namespace quern::queue {
namespace {

// The fastest of zstd's standard levels: a document is compressed once and read up to eight times.
constexpr int kLevel = 1;
// A document of the largest limit (64 MiB of text) with its metadata fits.
constexpr unsigned long long kMaxBytes = 256ull << 20;

// Of documents that are decoded: as many as are under way at a time, and some more.
constexpr size_t kKeptBytes = 64 << 20;

struct Freer {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

absl::Status Unreadable() {
  return MakeError(absl::StatusCode::kDataLoss, "DOCUMENT_UNREADABLE", "a document in Redis is not readable");
}

// Lives as long as the process: threads may still read at its end.
RecentValues<v1::Document>& Decoded() {
  static auto& decoded = *new RecentValues<v1::Document>(kKeptBytes);
  return decoded;
}

}  // namespace

std::string EncodeDocument(const v1::Document& document) {
  thread_local const std::unique_ptr<ZSTD_CCtx, Freer> context(ZSTD_createCCtx());
  const std::string plain = document.SerializeAsString();
  std::string bytes(ZSTD_compressBound(plain.size()), '\0');
  const size_t size = ZSTD_compressCCtx(context.get(), bytes.data(), bytes.size(), plain.data(), plain.size(), kLevel);
  bytes.resize(ZSTD_isError(size) ? 0 : size);
  return bytes;
}

absl::StatusOr<std::shared_ptr<const v1::Document>> DecodeDocument(std::string_view bytes) {
  const absl::uint128 key = Decoded().KeyOf(bytes);
  if (auto known = Decoded().Find(key)) return known;
  thread_local const std::unique_ptr<ZSTD_DCtx, Freer> context(ZSTD_createDCtx());
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxBytes) return Unreadable();
  std::string plain(size, '\0');
  const size_t read = ZSTD_decompressDCtx(context.get(), plain.data(), plain.size(), bytes.data(), bytes.size());
  auto document = std::make_shared<v1::Document>();
  if (ZSTD_isError(read) || read != size || !document->ParseFromString(plain)) return Unreadable();
  return Decoded().Keep(key, std::move(document), plain.size());
}

void ForgetDocumentsUnusedSince(absl::Time time) { Decoded().ForgetUnusedSince(time); }

}  // namespace quern::queue
