#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/text/words.h"

namespace quern::filter {

// How many sentences the tokens of one line hold, at least 1 for a line that is not empty. Counts, for C4's minimum
// only; it does not part sentences (common/text/sentences.h does, at a higher price). A sentence ends at . ? ! or their
// full-width forms when the next word begins with a capital, a digit or a non-Latin letter, unless the word before the
// full stop is an initial or a usual abbreviation ("Dr.", "e.g.").
uint64_t CountSentences(std::string_view text, std::span<const text::WordToken> tokens);

}  // namespace quern::filter
