#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "quern/v1/document.pb.h"

namespace quern::queue {

// A document as Redis holds it: its serialized message in one zstd frame. The same document gives the same bytes.
std::string EncodeDocument(const v1::Document& document);

// DATA_LOSS (DOCUMENT_UNREADABLE) for anything that EncodeDocument did not make.
absl::StatusOr<std::shared_ptr<const v1::Document>> DecodeDocument(std::string_view bytes);

}  // namespace quern::queue
