#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace quern::dataset {

// The prose of an HTML page.
struct HtmlText {
  // Content of <title>, else of the first <h1>, without a leading section number ("12.3. ", "Chapter 4. "). May be
  // empty.
  std::string title;
  // Headings, paragraphs, list items and definitions in the page's order, each on its own and separated by a blank
  // line; white space inside them is one space, a <br> a line feed. UTF-8.
  std::string text;
};

// Extracts the prose. Left out: scripts, styles, forms, navigation (<nav>, role="navigation", and classes that say so),
// <pre> (listings and drawings are no prose), figures' drawings, and table cells, unless a cell holds running text of
// 25 words or more that ends like a sentence (tables were once used for layout).
//
// The bytes are UTF-8 where they are valid UTF-8, else in the encoding that a byte order mark or a <meta> declares.
// Faulty markup is read as far as it makes sense; elements nested deeper than 256 are left out. Error: INVALID_ARGUMENT
// "INVALID_UTF8" when the bytes are in neither encoding and `replace_invalid` is false. Thread-safe.
absl::StatusOr<HtmlText> ExtractHtmlText(std::string_view bytes, bool replace_invalid);

}  // namespace quern::dataset
