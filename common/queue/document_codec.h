#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "quern/v1/document.pb.h"

namespace quern::queue {

// A document as Redis holds it: its serialized message in one zstd frame. The same document gives the same bytes.
std::string EncodeDocument(const v1::Document& document);

// What tells these bytes from others of the same document id and job. Never 0.
uint64_t DocumentHash(std::string_view bytes);

// A document that was in Redis.
struct DecodedDocument {
  v1::Document document;
  // What it takes there.
  size_t stored_bytes = 0;
};

// The document in it, which it lives as long as. Null for null.
std::shared_ptr<const v1::Document> DocumentOf(std::shared_ptr<const DecodedDocument> decoded);

// DATA_LOSS (DOCUMENT_UNREADABLE) for anything that EncodeDocument did not make. Thread-safe. Those decoded last are
// kept, up to 64 MiB, and shared: a document's items pass through several stages, and a process may serve them all.
absl::StatusOr<std::shared_ptr<const DecodedDocument>> DecodeDocument(std::string_view job, std::string_view id,
                                                                      std::string_view bytes);

// The same without its bytes, by their DocumentHash. Null when it is not kept, or the hash is 0. Thread-safe.
std::shared_ptr<const DecodedDocument> KeptDocument(std::string_view job, std::string_view id, uint64_t hash);

// How long one is kept that nobody asks for: it comes to its next stage when the last is through with it.
inline constexpr absl::Duration kDocumentsKept = absl::Minutes(1);

// Gives up what nobody has decoded since `time`. Called every second or so by those who decode, also while they have
// nothing to do.
void ForgetDocumentsUnusedSince(absl::Time time);

}  // namespace quern::queue
