#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "common/dataset/document_rules.h"
#include "common/dataset/input_limits.h"
#include "quern/v1/document.pb.h"

namespace quern::dataset {

// Reads lines of JSON Lines strictly: every byte of a line is checked (grammar, UTF-8, escapes, numbers, nesting), also
// in fields that nobody reads.
//
// Not thread-safe; reuse one for many lines, it keeps its buffers.
class JsonLineParser {
 public:
  // The fields of one line that Quern knows, unescaped. Views are valid until the next call of
  // Parse or BuildDocument.
  struct Fields {
    std::string_view text;
    // Empty when absent.
    std::string_view title;
    std::string_view source;
    // Empty when absent, null or empty; a number's own spelling where the id is a number.
    std::string_view id;
    // True when the object has other fields: BuildDocument carries them as metadata.
    bool has_metadata = false;
  };

  explicit JsonLineParser(const InputLimits& limits);
  ~JsonLineParser();

  // Checks a line and finds its fields. At least LineReader::kPadding readable bytes must follow `line`, which must
  // stay unchanged until BuildDocument. No document is built, so this is what a speed of reading means.
  std::optional<InputFault> Parse(std::string_view line, Fields* fields);

  // Builds the document of the line that Parse accepted last: an id (the text's ContentHash where the line has none),
  // the text, title and source, and every other field as metadata. Numbers that a double cannot hold exactly are kept
  // as strings of their own spelling; values nested deeper than kMaxMetadataDepth as strings of their JSON. Faults,
  // which only metadata can have: DUPLICATE_KEY, METADATA_TOO_LARGE.
  std::optional<InputFault> BuildDocument(v1::Document* document);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quern::dataset
