#include "common/text/words.h"

#include <unicode/uchar.h>

#include <array>

#include "absl/strings/ascii.h"
#include "common/text/utf8.h"

namespace quern::text {
namespace {

enum class CharacterClass : uint8_t { kSpace, kLetter, kDigit, kIdeograph, kMark };

constexpr std::array<CharacterClass, 128> MakeAsciiClasses() {
  std::array<CharacterClass, 128> classes{};
  for (int c = 0; c < 128; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = (c >= '0' && c <= '9') || c == '_';
    classes[c] = letter                 ? CharacterClass::kLetter
                 : digit                ? CharacterClass::kDigit
                 : c <= ' ' || c == 127 ? CharacterClass::kSpace
                                        : CharacterClass::kMark;
  }
  return classes;
}

constexpr std::array<CharacterClass, 128> kAsciiClasses = MakeAsciiClasses();

CharacterClass ClassifyByIcu(char32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  if (u_hasBinaryProperty(code_point, UCHAR_IDEOGRAPHIC)) return CharacterClass::kIdeograph;
  const uint32_t mask = U_GET_GC_MASK(code_point);
  if ((mask & U_GC_L_MASK) != 0) return CharacterClass::kLetter;
  if ((mask & (U_GC_M_MASK | U_GC_N_MASK)) != 0) return CharacterClass::kDigit;
  if ((mask & (U_GC_Z_MASK | U_GC_CC_MASK | U_GC_CF_MASK)) != 0) return CharacterClass::kSpace;
  return CharacterClass::kMark;
}

CharacterClass Classify(char32_t c) {
  if (c < 128) return kAsciiClasses[c];
  if (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) return CharacterClass::kLetter;
  if (c == 0x200C || c == 0x200D) return CharacterClass::kDigit;  // joiners inside the words of several scripts
  if (c >= 0x2010 && c <= 0x2027) return CharacterClass::kMark;   // dashes, quotes, bullets, ellipsis
  return ClassifyByIcu(c);
}

bool IsWordClass(CharacterClass c) { return c == CharacterClass::kLetter || c == CharacterClass::kDigit; }

bool JoinsWordCharacters(char32_t c) {
  return c == '\'' || c == '-' || c == '.' || c == '/' || c == 0x2019 || c == 0x2010 || c == 0x2011;
}

}  // namespace

std::optional<WordToken> WordScanner::Next() {
  while (offset_ < text_.size()) {
    const CodePoint c = DecodeCodePoint(text_, offset_);
    const CharacterClass kind = Classify(c.value);
    if (kind == CharacterClass::kSpace) {
      offset_ += c.bytes;
      continue;
    }
    WordToken token{offset_, offset_, 0, kind != CharacterClass::kMark, false};
    if (kind == CharacterClass::kIdeograph) {
      offset_ += c.bytes;
      token.characters = 1;
      token.has_letter = true;
    } else if (kind == CharacterClass::kMark) {
      ScanMarks(token);
    } else {
      ScanWord(token);
    }
    token.end = offset_;
    return token;
  }
  return std::nullopt;
}

void WordScanner::ScanAsciiRun(WordToken& token) {
  const uint32_t start = offset_;
  bool has_letter = false;
  for (; offset_ < text_.size(); ++offset_) {
    const auto byte = static_cast<unsigned char>(text_[offset_]);
    if (byte >= 128 || !IsWordClass(kAsciiClasses[byte])) break;
    has_letter |= kAsciiClasses[byte] == CharacterClass::kLetter;
  }
  token.has_letter |= has_letter;
  token.characters += offset_ - start;
}

void WordScanner::ScanWord(WordToken& token) {
  while (true) {
    ScanAsciiRun(token);
    if (offset_ >= text_.size()) return;
    const CodePoint c = DecodeCodePoint(text_, offset_);
    const CharacterClass kind = Classify(c.value);
    if (IsWordClass(kind)) {
      token.has_letter |= kind == CharacterClass::kLetter;
    } else if (kind != CharacterClass::kMark || !IsJoint(c)) {
      return;
    }
    offset_ += c.bytes;
    ++token.characters;
  }
}

bool WordScanner::IsJoint(CodePoint mark) const {
  const uint32_t next = offset_ + mark.bytes;
  if (next >= text_.size()) return false;
  if (mark.value == ',' || mark.value == ':')
    return absl::ascii_isdigit(text_[offset_ - 1]) && absl::ascii_isdigit(text_[next]);
  return JoinsWordCharacters(mark.value) && IsWordClass(Classify(DecodeCodePoint(text_, next).value));
}

void WordScanner::ScanMarks(WordToken& token) {
  const CodePoint first = DecodeCodePoint(text_, offset_);
  do {
    offset_ += first.bytes;
    ++token.characters;
  } while (offset_ < text_.size() && DecodeCodePoint(text_, offset_).value == first.value);
}

}  // namespace quern::text
