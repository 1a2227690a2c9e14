#include "common/text/tokens.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace quern::text {
namespace {

enum class Class : uint8_t { kSpace, kLetter, kDigit, kOther };

struct Character {
  UChar32 value;
  uint32_t begin;
  uint32_t end;
  Class type;
};

Class ClassOf(UChar32 c) {
  if (c < 0x80) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) return Class::kSpace;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') return Class::kLetter;
    return c >= '0' && c <= '9' ? Class::kDigit : Class::kOther;
  }
  if (u_isUWhiteSpace(c)) return Class::kSpace;
  if (u_isalpha(c) || u_getCombiningClass(c) != 0) return Class::kLetter;
  return Class::kOther;
}

Character ReadAt(std::string_view text, uint32_t at) {
  if (static_cast<unsigned char>(text[at]) < 0x80) {
    const UChar32 c = text[at];
    return {c, at, at + 1, ClassOf(c)};
  }
  int32_t next = 0;
  UChar32 c = 0;
  // At most four bytes are looked at, so that the index fits ICU's 32 bits whatever the text's length.
  const std::string_view window = text.substr(at, 4);
  U8_NEXT(reinterpret_cast<const uint8_t*>(window.data()), next, static_cast<int32_t>(window.size()), c);
  if (c < 0) return {0xFFFD, at, at + 1, Class::kOther};
  return {c, at, at + static_cast<uint32_t>(next), ClassOf(c)};
}

bool IsUpper(UChar32 c) { return c < 0x80 ? c >= 'A' && c <= 'Z' : u_isupper(c) != 0; }

bool IsWordClass(Class type) { return type == Class::kLetter || type == Class::kDigit; }

// Marks that join two halves of one word when letters or digits stand on both sides.
bool IsJoiner(UChar32 c) { return c == '-' || c == '\'' || c == '.' || c == 0x2019 || c == 0x2010 || c == 0x2011; }

// Marks that join digits: 3,456 and 3.5 and 10-20 and 10:30 and 1/2.
bool IsDigitJoiner(UChar32 c) { return c == ',' || c == '.' || c == '-' || c == 0x2013 || c == ':' || c == '/'; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<Token> Run(size_t max_tokens) {
    std::vector<Token> tokens;
    // A token of prose has five bytes with its space.
    tokens.reserve(std::min(max_tokens, text_.size() / 5 + 1));
    uint32_t at = 0;
    bool space = true;
    while (at < text_.size() && tokens.size() < max_tokens) {
      const Character first = ReadAt(text_, at);
      if (first.type == Class::kSpace) {
        space = true;
        at = first.end;
        continue;
      }
      tokens.push_back(IsWordClass(first.type) ? Word(first, space) : Mark(first, space));
      at = tokens.back().end;
      space = false;
    }
    return tokens;
  }

 private:
  Token Mark(const Character& first, bool space) {
    return {first.begin, first.end, TokenKind::kPunct, false, false, space};
  }

  Token Word(const Character& first, bool space) {
    Token token{first.begin,          first.end, first.type == Class::kDigit ? TokenKind::kNumber : TokenKind::kWord,
                IsUpper(first.value), false,     space};
    int upper = IsUpper(first.value) ? 1 : 0;
    int other = first.type == Class::kLetter && upper == 0 ? 1 : 0;
    Class last = first.type;
    while (token.end < text_.size()) {
      const Character next = ReadAt(text_, token.end);
      if (IsWordClass(next.type)) {
        if (next.type == Class::kLetter) ++(IsUpper(next.value) ? upper : other);
        last = next.type;
        token.end = next.end;
      } else if (Joins(next, last)) {
        token.end = next.end;
      } else if (next.value == '+' && token.end + 1 < text_.size() && text_[token.end + 1] == '+') {
        token.end += 2;  // C++
      } else if (next.value == '#' && token.end == token.begin + 1) {
        token.end += 1;  // C#
      } else {
        break;
      }
    }
    TakeInitialsStop(token);
    token.all_caps = upper >= 2 && other == 0;
    return token;
  }

  bool Joins(const Character& mark, Class before) const {
    if (mark.end >= text_.size()) return false;
    const Class after = ReadAt(text_, mark.end).type;
    if (!IsWordClass(after)) return false;
    if (IsJoiner(mark.value)) return true;
    return IsDigitJoiner(mark.value) && before == Class::kDigit && after == Class::kDigit;
  }

  // "J." in "J. Smith" and "J. R. R." belong to the name.
  void TakeInitialsStop(Token& token) const {
    if (!token.capitalised || token.end != token.begin + 1 || token.end + 2 >= text_.size()) return;
    if (text_[token.end] == '.' && text_[token.end + 1] == ' ' && IsUpper(ReadAt(text_, token.end + 2).value))
      ++token.end;
  }

  std::string_view text_;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view text, size_t max_tokens) { return Scanner(text).Run(max_tokens); }

std::string LowerAscii(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string CollapseSpaces(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool pending = false;
  for (uint32_t at = 0; at < text.size();) {
    const Character c = ReadAt(text, at);
    if (c.type == Class::kSpace) {
      pending = !result.empty();
    } else {
      if (pending) result += ' ';
      pending = false;
      result.append(text.substr(c.begin, c.end - c.begin));
    }
    at = c.end;
  }
  return result;
}

bool HasInvisible(std::string_view text) {
  for (uint32_t at = 0; at < text.size();) {
    const unsigned char byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) return true;
      ++at;
      continue;
    }
    const Character c = ReadAt(text, at);
    const int8_t type = u_charType(c.value);
    if (c.value == 0xFFFD || type == U_FORMAT_CHAR || type == U_CONTROL_CHAR || type == U_PRIVATE_USE_CHAR) return true;
    at = c.end;
  }
  return false;
}

}  // namespace quern::text
