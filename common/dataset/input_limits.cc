#include "common/dataset/input_limits.h"

#include "common/base/error.h"

namespace quern::dataset {
namespace {

constexpr uint64_t kLargestDocumentLimit = 64 << 20;

absl::Status Invalid(std::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_INPUT_SPEC", message);
}

}  // namespace

absl::StatusOr<InputLimits> ResolveInputSpec(const v1::InputSpec& spec) {
  InputLimits limits;
  if (spec.has_text_field()) limits.text_field = spec.text_field();
  if (spec.has_id_field()) limits.id_field = spec.id_field();
  if (spec.has_title_field()) limits.title_field = spec.title_field();
  if (spec.has_max_document_bytes()) limits.max_document_bytes = spec.max_document_bytes();
  if (spec.has_replace_invalid_utf8()) limits.replace_invalid_utf8 = spec.replace_invalid_utf8();
  if (limits.max_document_bytes == 0 || limits.max_document_bytes > kLargestDocumentLimit) {
    return Invalid("input.max_document_bytes must be 1 to 67108864 (64 MiB)");
  }
  if (limits.text_field.empty() || limits.id_field.empty() || limits.title_field.empty()) {
    return Invalid("input.text_field, id_field and title_field must not be empty");
  }
  if (limits.text_field == limits.id_field || limits.text_field == limits.title_field ||
      limits.id_field == limits.title_field) {
    return Invalid("input.text_field, id_field and title_field must name different fields");
  }
  return limits;
}

}  // namespace quern::dataset
