#include "common/text/language.h"

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include <array>
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

std::string_view Sample(std::string_view utf8) {
  if (utf8.size() <= kLanguageSampleBytes) return utf8;
  size_t end = kLanguageSampleBytes;
  while (end > 0 && (static_cast<unsigned char>(utf8[end]) & 0xC0) == 0x80) --end;
  return utf8.substr(0, end);
}

}  // namespace

Language DetectLanguage(std::string_view utf8) {
  const std::string_view sample = Sample(utf8);
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

}  // namespace quern::text
