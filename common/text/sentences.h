#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace quern::text {

// A sentence: a half-open range of bytes, without white space at its ends.
struct SentenceSpan {
  uint32_t begin;
  uint32_t end;
};

// Splits English text into sentences: ICU's sentence breaks with its list of abbreviations (FilteredBreakIterator),
// mended where that list is too eager ("The symbol of hydrogen is H." ends) or too shy ("F. Wohler" is one name). Line
// breaks inside a paragraph are white space; a blank line, or a line that begins with a list mark, ends a sentence.
// Invalid UTF-8 gives no error; sentences near it may be odd. Linear time. Thread-safe (an iterator per thread). `text`
// is shorter than 2 GiB.
std::vector<SentenceSpan> SplitSentences(std::string_view text);

}  // namespace quern::text
