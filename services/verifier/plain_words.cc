#include "services/verifier/plain_words.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/text/utf8.h"

namespace quern::verifier {
namespace {

enum class Part : uint8_t { kSpace, kDeleted, kWord };

Part PartOf(char32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  const uint32_t mask = U_GET_GC_MASK(code_point);
  if ((mask & (U_GC_P_MASK | U_GC_S_MASK)) != 0) return Part::kDeleted;
  if ((mask & (U_GC_Z_MASK | U_GC_CC_MASK)) != 0) return Part::kSpace;
  return Part::kWord;
}

std::array<Part, 128> MakeAsciiParts() {
  std::array<Part, 128> parts{};
  for (char32_t c = 0; c < parts.size(); ++c) parts[c] = PartOf(c);
  return parts;
}

// Collects words, one space between two.
class WordsBuilder {
 public:
  explicit WordsBuilder(size_t bytes) { words_.reserve(bytes); }

  void Add(Part part, std::string_view character) {
    if (part == Part::kSpace) {
      between_ = !words_.empty();
    } else if (part == Part::kWord) {
      if (between_) words_ += ' ';
      between_ = false;
      words_ += character;
    }
  }

  std::string Take() { return std::move(words_); }

 private:
  std::string words_;
  bool between_ = false;
};

const std::array<Part, 128>& AsciiParts() {
  static const std::array<Part, 128> parts = MakeAsciiParts();
  return parts;
}

std::string AsciiWords(std::string_view text) {
  const std::array<Part, 128>& parts = AsciiParts();
  WordsBuilder words(text.size());
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    words.Add(parts[static_cast<unsigned char>(c)], std::string_view(&lower, 1));
  }
  return words.Take();
}

std::string Fold(std::string_view utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded, static_cast<int32_t>(utf8.size()));
  if (U_SUCCESS(status)) {
    fold->normalizeUTF8(0, icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())), sink, nullptr, status);
  }
  // Only memory can be short, as ICU's data is linked in and the text is UTF-8.
  return U_SUCCESS(status) ? folded : std::string(utf8);
}

}  // namespace

std::string PlainWords(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
  if (ascii) return AsciiWords(text);
  const std::string folded = Fold(text::IsValidUtf8(text) ? std::string(text) : text::ReplaceInvalidUtf8(text));
  WordsBuilder words(folded.size());
  for (size_t at = 0; at < folded.size();) {
    const text::CodePoint c = text::DecodeCodePoint(folded, at);
    words.Add(PartOf(c.value), std::string_view(folded).substr(at, c.bytes));
    at += c.bytes;
  }
  return words.Take();
}

void FindWordBegins(std::string_view plain, std::vector<uint32_t>* begins) {
  begins->clear();
  if (!plain.empty()) begins->push_back(0);
  for (size_t at = plain.find(' '); at != std::string_view::npos; at = plain.find(' ', at + 1)) {
    begins->push_back(static_cast<uint32_t>(at + 1));
  }
  begins->push_back(static_cast<uint32_t>(plain.size() + 1));
}

}  // namespace quern::verifier
