#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/text/utf8.h"

namespace quern::text {

// A word or a mark of a text, as the quality filters of the literature count them (NLTK's and datatrove's reading):
// punctuation stands apart from words. A word is a run of letters, digits, combining marks and underscores; an
// apostrophe, hyphen, full stop or slash between two of them, or a comma or colon between two digits, belongs to it
// ("don't", "e.g", "3.14", "1,000"). An ideograph is a word of its own. Anything else that is not white space is a
// mark; a run of one mark ("...", "----") is one token. Control and zero-width characters separate.
struct WordToken {
  // Bytes into the text, which is under 4 GiB.
  uint32_t begin;
  uint32_t end;
  // Length in code points.
  uint32_t characters;
  // False for marks.
  bool is_word;
  // True when a word holds a letter (of any script).
  bool has_letter;
};

// Reads a text's tokens from left to right without copying. Not thread-safe; one scanner per thread.
class WordScanner {
 public:
  // `utf8` is valid UTF-8 of less than 4 GiB and outlives the scanner.
  explicit WordScanner(std::string_view utf8) : text_(utf8) {}

  // The next token, or nothing at the end.
  std::optional<WordToken> Next();

 private:
  void ScanWord(WordToken& token);
  void ScanAsciiRun(WordToken& token);
  // Whether the mark at the offset stands inside a word or number.
  bool IsJoint(CodePoint mark) const;
  void ScanMarks(WordToken& token);

  std::string_view text_;
  uint32_t offset_ = 0;
};

}  // namespace quern::text
