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

// Of a text with more bytes than all stretches together DetectLanguage looks at this many stretches of this many bytes,
// spread evenly from its beginning to its end.
inline constexpr size_t kLanguageStretches = 16;
inline constexpr size_t kLanguageStretchBytes = 256;

// Identifies the language of valid UTF-8 by CLD2. Invalid UTF-8 gives "und", where it is looked at. Thread-safe.
Language DetectLanguage(std::string_view utf8);

}  // namespace quern::text
