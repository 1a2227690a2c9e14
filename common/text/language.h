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

// Most bytes of a text that DetectLanguage looks at.
inline constexpr size_t kLanguageSampleBytes = 256 << 10;

// Identifies the language of valid UTF-8 by CLD2, from at most its first kLanguageSampleBytes. Invalid UTF-8 gives
// "und". Thread-safe.
Language DetectLanguage(std::string_view utf8);

}  // namespace quern::text
