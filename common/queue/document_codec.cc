#include "common/queue/document_codec.h"

#include <zstd.h>

#include <algorithm>

#include "common/base/error.h"
#include "common/base/hash.h"
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
RecentValues<DecodedDocument>& Decoded() {
  static auto& decoded = *new RecentValues<DecodedDocument>(kKeptBytes);
  return decoded;
}

absl::uint128 KeyOf(std::string_view job, std::string_view id, uint64_t hash) {
  return Decoded().KeyOf(id, job) ^ absl::uint128(hash);
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

std::shared_ptr<const v1::Document> DocumentOf(std::shared_ptr<const DecodedDocument> decoded) {
  const v1::Document* const document = decoded == nullptr ? nullptr : &decoded->document;
  return {std::move(decoded), document};
}

uint64_t DocumentHash(std::string_view bytes) { return std::max<uint64_t>(Hash64(bytes), 1); }

std::shared_ptr<const DecodedDocument> KeptDocument(std::string_view job, std::string_view id, uint64_t hash) {
  return hash == 0 ? nullptr : Decoded().Find(KeyOf(job, id, hash));
}

absl::StatusOr<std::shared_ptr<const DecodedDocument>> DecodeDocument(std::string_view job, std::string_view id,
                                                                      std::string_view bytes) {
  const absl::uint128 key = KeyOf(job, id, DocumentHash(bytes));
  if (auto known = Decoded().Find(key)) return known;
  thread_local const std::unique_ptr<ZSTD_DCtx, Freer> context(ZSTD_createDCtx());
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxBytes) return Unreadable();
  std::string plain(size, '\0');
  const size_t read = ZSTD_decompressDCtx(context.get(), plain.data(), plain.size(), bytes.data(), bytes.size());
  auto decoded = std::make_shared<DecodedDocument>();
  decoded->stored_bytes = bytes.size();
  if (ZSTD_isError(read) || read != size || !decoded->document.ParseFromString(plain)) return Unreadable();
  return Decoded().Keep(key, std::move(decoded), plain.size());
}

void ForgetDocumentsUnusedSince(absl::Time time) { Decoded().ForgetUnusedSince(time); }

}  // namespace quern::queue
