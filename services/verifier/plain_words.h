#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quern::verifier {

// The words of `text` as evaluation sets are compared: lower-case, without punctuation and symbols, one space between
// two words and none at the ends. Empty when there is no word.
//
// That is what lm-evaluation-harness compares (lm_eval/decontamination: lower-case, Python's string.punctuation
// deleted, split on white space; "don't" is "dont", "3.5" is "35"), with these differences: it works on Unicode, not on
// ASCII alone, by NFKC_Casefold (a full-width or accented letter is one letter however it is written, sharp s is "ss",
// zero-width characters and soft hyphens are gone), so that typographic quotes and dashes are deleted as the
// typewriter's are; and what is only punctuation is no word. A script that writes no spaces makes one word of a
// sentence.
//
// Linear; thread-safe. Bytes that are no UTF-8 count as U+FFFD, a symbol.
std::string PlainWords(std::string_view text);

// Overwrites `begins` with the offset of every word of `plain` (a result of PlainWords, under 4 GiB) and, after the
// last, its size + 1: words i to i+n-1 are the bytes from begins[i] up to begins[i+n] - 1. Only the size + 1 where
// there is none.
void FindWordBegins(std::string_view plain, std::vector<uint32_t>* begins);

}  // namespace quern::verifier
