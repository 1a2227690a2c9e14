#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quern::text {

// What a token is made of.
enum class TokenKind : uint8_t {
  kWord,  // begins with a letter (any letter beyond ASCII counts); may hold digits, inner hyphens, apostrophes and dots
  kNumber,  // begins with a digit: 1969, 3,456, 3.5, 4th, 1990s, 10-20
  kPunct,   // one mark of punctuation or one symbol
};

// A word, number or mark, as a half-open range of bytes in the text that was tokenised.
struct Token {
  uint32_t begin;
  uint32_t end;
  TokenKind kind;
  // The first letter is upper case (ASCII, or a Latin letter beyond it whose case folding differs).
  bool capitalised;
  // At least two letters, all upper case (ASCII), digits allowed.
  bool all_caps;
  // White space stands before it.
  bool space_before;
};

// Splits `text` into tokens, at most `max_tokens` of them (the rest is not looked at). Never fails: bytes that are no
// UTF-8 become punctuation. Full stops belong to a word only inside it (example.org, U.S, e.g) or after a single
// capital letter that is followed by a space and a capital letter (J. Smith). Time is linear. `text` is shorter than 4
// GiB.
std::vector<Token> Tokenize(std::string_view text, size_t max_tokens = SIZE_MAX);

// The bytes of `token` in the text that it was made from.
inline std::string_view TokenText(std::string_view text, const Token& token) {
  return text.substr(token.begin, token.end - token.begin);
}

// `text` with ASCII letters in lower case; other bytes stay.
std::string LowerAscii(std::string_view text);

// `text` with every run of white space (no-break spaces too) made one space, none at either end.
std::string CollapseSpaces(std::string_view text);

// True when `text` holds code points that hide or reorder what a reader sees: zero-width characters, bidirectional
// controls, soft hyphens, other format characters, C0 and C1 controls except tab, line feed and carriage return,
// U+FFFD, private use.
bool HasInvisible(std::string_view text);

}  // namespace quern::text
