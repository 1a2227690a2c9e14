#include "common/text/language.h"

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include <array>
#include <string>
#include <utility>

namespace quern::text {
namespace {

// CLD2's code as ISO has it today: old codes renamed, script and region cut off.
std::string IsoCode(std::string_view code) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kRenamed{
      {{"un", "und"}, {"iw", "he"}, {"jw", "jv"}, {"mo", "ro"}}};
  code = code.substr(0, code.find('-'));
  for (const auto& [from, to] : kRenamed) {
    if (code == from) return std::string(to);
  }
  return std::string(code);
}

// The first position at or after `at` where a word can begin: after a space within the next bytes, or else between two
// characters.
size_t WordStart(std::string_view utf8, size_t at) {
  constexpr size_t kLongWord = 32;
  const size_t space = utf8.substr(0, at + kLongWord).find_first_of(" \n", at);
  if (space != std::string_view::npos) return space + 1;
  while (at < utf8.size() && (static_cast<unsigned char>(utf8[at]) & 0xC0) == 0x80) ++at;
  return at;
}

// Stretches of a longer text as lines.
std::string Sample(std::string_view utf8, const LanguageSample& of) {
  std::string sample;
  sample.reserve(of.stretches * (of.stretch_bytes + 64));
  const size_t last = utf8.size() - of.stretch_bytes;
  for (size_t i = 0; i < of.stretches; ++i) {
    const size_t at = last * i / (of.stretches - 1);
    const size_t begin = i == 0 ? 0 : WordStart(utf8, at);
    const size_t end = WordStart(utf8, at + of.stretch_bytes);
    sample.append(utf8, begin, end - begin);
    sample.push_back('\n');
  }
  return sample;
}

bool IsLonger(std::string_view utf8, const LanguageSample& than) {
  return utf8.size() > than.stretches * than.stretch_bytes;
}

Language DetectIn(std::string_view sample) {
  const CLD2::CLDHints no_hints{nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  // CLD2 leaves these as they are when the text holds characters that are not for interchange, NUL among them.
  CLD2::Language languages[3] = {CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE};
  int percents[3] = {};
  double scores[3] = {};
  int text_bytes = 0;
  int valid_prefix = 0;
  bool reliable = false;
  CLD2::ExtDetectLanguageSummaryCheckUTF8(sample.data(), static_cast<int>(sample.size()), /*is_plain_text=*/true,
                                          &no_hints, /*flags=*/0, languages, percents, scores,
                                          /*resultchunkvector=*/nullptr, &text_bytes, &reliable, &valid_prefix);
  // The first of the three has the largest share. CLD2's summary, its return value, is another language where that one
  // is English: it takes up to four fifths of English for a web page's boilerplate, which a corpus of prose has not.
  Language result{IsoCode(CLD2::LanguageCode(languages[0])), percents[0] / 100.0, reliable};
  if (valid_prefix < static_cast<int>(sample.size()) || result.code == "und") return {"und", 0, false};
  return result;
}

}  // namespace

Language DetectLanguage(std::string_view utf8) {
  if (IsLonger(utf8, kLanguageGlance)) {
    const Language seen = DetectIn(Sample(utf8, kLanguageGlance));
    if (seen.reliable && seen.score >= kLanguageStandsOut) return seen;
  }
  return IsLonger(utf8, kLanguageLook) ? DetectIn(Sample(utf8, kLanguageLook)) : DetectIn(utf8);
}

}  // namespace quern::text
