#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/text/lines.h"
#include "common/text/words.h"

namespace quern::filter {

// Elements that repeat an earlier one.
struct Duplicates {
  uint32_t elements = 0;
  uint64_t characters = 0;
};

// What the rules measure about a text, gathered once. Refers to the text.
struct Profile {
  std::string_view text;
  // Code points of the text, line ends included.
  uint64_t characters = 0;
  uint64_t newlines = 0;

  // Words and marks; only the first `token_limit` of them when the text has more.
  std::vector<text::WordToken> tokens;
  uint64_t token_count = 0;
  uint64_t word_count = 0;
  uint64_t alphabetic_words = 0;
  // Code points of all words.
  uint64_t word_characters = 0;
  // `#` signs, and ellipses (three or more full stops, or U+2026).
  uint64_t hash_signs = 0;
  uint64_t ellipses = 0;

  // Lines as their author wrote them, and logical lines: those joined that were only cut at a column.
  std::vector<text::Line> written_lines;
  std::vector<text::Line> lines;
  Duplicates duplicate_lines;
  uint64_t paragraphs = 0;
  Duplicates duplicate_paragraphs;

  std::string_view Text(const text::Line& line) const { return text.substr(line.begin, line.end - line.begin); }
  std::string_view Text(const text::WordToken& token) const {
    return text.substr(token.begin, token.end - token.begin);
  }
};

// Profiles valid UTF-8 of less than 4 GiB. Counts all tokens but keeps only the first `token_limit`, so that a huge
// text can be refused without holding its words.
Profile MakeProfile(std::string_view text, uint64_t token_limit);

}  // namespace quern::filter
