#include "common/dataset/document_rules.h"

#include <cstring>

#include "absl/strings/str_format.h"

namespace quern::dataset {

std::optional<InputFault> CheckText(std::string_view text, const InputLimits& limits) {
  if (text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos) {
    return InputFault{"EMPTY_TEXT", "the text is empty or only white space"};
  }
  if (text.size() > limits.max_document_bytes) {
    return InputFault{"DOCUMENT_TOO_LARGE",
                      absl::StrFormat("the text has %d bytes, more than input.max_document_bytes (%d)", text.size(),
                                      limits.max_document_bytes)};
  }
  const void* const nul = std::memchr(text.data(), 0, text.size());
  if (nul == nullptr) return std::nullopt;
  return InputFault{"NUL_BYTE", absl::StrFormat("byte %d of the text is NUL: this is no text, or a damaged one",
                                                static_cast<const char*>(nul) - text.data() + 1)};
}

std::optional<InputFault> CheckId(std::string_view id) {
  if (id.size() > kMaxIdBytes) {
    return InputFault{"INVALID_ID", absl::StrFormat("the id has %d bytes, more than %d", id.size(), kMaxIdBytes)};
  }
  for (size_t i = 0; i < id.size(); ++i) {
    const auto byte = static_cast<unsigned char>(id[i]);
    // C2 80 to C2 9F are the control characters U+0080 to U+009F.
    const bool c1 = byte == 0xc2 && i + 1 < id.size() && static_cast<unsigned char>(id[i + 1]) < 0xa0;
    if (byte < 0x20 || byte == 0x7f || c1) {
      return InputFault{"INVALID_ID", absl::StrFormat("byte %d of the id is a control character", i + 1)};
    }
  }
  return std::nullopt;
}

}  // namespace quern::dataset
