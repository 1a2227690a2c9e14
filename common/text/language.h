#pragma once

#include <string>
#include <string_view>

namespace quern::text {

// The main language of a text.
struct Language {
  // ISO 639-1 code ("en"), the 639-3 code where there is no shorter one, or "und" when none was determined.
  std::string code;
  // Share of the examined letters' bytes that are in that language, 0 to 1. 0 for "und".
  double score = 0;
  // False when another language comes close to the best or the text is too short; `code` is a guess then.
  bool reliable = false;
};

// How much of a text is looked at: stretches, spread evenly from its beginning to its end, or all of a text that has
// fewer bytes than they together.
struct LanguageSample {
  size_t stretches;
  size_t stretch_bytes;
};
// Enough where one language stands out: reliable, with this share or more of what was looked at.
inline constexpr LanguageSample kLanguageGlance{8, 128};
inline constexpr double kLanguageStandsOut = 0.9;
// For all others.
inline constexpr LanguageSample kLanguageLook{16, 256};

// Identifies the language of valid UTF-8 by CLD2. Invalid UTF-8 gives "und", where it is looked at. Thread-safe.
Language DetectLanguage(std::string_view utf8);

}  // namespace quern::text
