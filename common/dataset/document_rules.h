#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/dataset/input_limits.h"

namespace quern::dataset {

// Why one input cannot be used as a document.
struct InputFault {
  // Stable upper-case name; docs/bad-input.md lists them.
  std::string reason;
  // What is wrong and at which byte of the line. Holds no document text.
  std::string message;
};

// The rules that every document's text must meet, whatever format it came in; it is valid UTF-8 already. Faults:
// EMPTY_TEXT (nothing but white space), DOCUMENT_TOO_LARGE, NUL_BYTE (U+0000, which C programs take for the end).
std::optional<InputFault> CheckText(std::string_view text, const InputLimits& limits);

// The rules for an id that the input brings: at most 256 bytes, no control characters. Empty is fine. Fault:
// INVALID_ID.
std::optional<InputFault> CheckId(std::string_view id);

}  // namespace quern::dataset
