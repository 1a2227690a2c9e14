#pragma once

#include <string>

#include "common/base/hash.h"
#include "quern/v1/document.pb.h"

namespace quern::llm {

// The beginning of every prompt about a document, the same to the byte in all of them: a server that caches prefixes
// reads the document once. The document stands between marks that carry a hash of its text. What could pass for the
// second mark, and role tokens (such as "<|im_start|>"), which a server could take for its own, are broken up by a
// space.
struct DocumentFrame {
  explicit DocumentFrame(const v1::Document& document);

  const std::string text;
  // The same as it stands in a JSON string, without quotes around it.
  const std::string json;
  // Of the text.
  const HashedPrefix hash;
};

}  // namespace quern::llm
