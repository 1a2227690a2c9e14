#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "quern/v1/job.pb.h"

namespace quern::dataset {

// An InputSpec with its defaults filled in and its ranges checked.
struct InputLimits {
  std::string text_field = "text";
  std::string id_field = "id";
  std::string title_field = "title";
  uint64_t max_document_bytes = 8 << 20;
  bool replace_invalid_utf8 = false;

  // Longest line that is parsed: JSON escapes triple the bytes of most scripts ("\u00e9" for two bytes), and the other
  // fields need room.
  size_t max_line_bytes() const { return 3 * max_document_bytes + (2 << 20); }
};

// Objects and arrays inside each other in one line, the line's own object counted.
inline constexpr int kMaxJsonNesting = 64;
// Levels of metadata kept as structure; what is deeper is kept as JSON text. A google.protobuf.Struct takes three
// levels of the 100 that protobuf parses for each of them.
inline constexpr int kMaxMetadataDepth = 20;
// Keys and values of one document's metadata, and their bytes.
inline constexpr size_t kMaxMetadataValues = 10'000;
inline constexpr size_t kMaxMetadataBytes = 1 << 20;
inline constexpr size_t kMaxIdBytes = 256;

// INVALID_ARGUMENT "INVALID_INPUT_SPEC" when max_document_bytes is not 1 to 64 MiB, a field name is empty, or two field
// names are equal.
absl::StatusOr<InputLimits> ResolveInputSpec(const v1::InputSpec& spec);

}  // namespace quern::dataset
