#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace quern::persona {

// The word scan that features and keywords share. A word is a run of letters: ASCII letters are lowercased, letters
// beyond ASCII stay as they are, everything else separates. Words of 1 byte or more than 24 are left out; an English
// plural counts as its singular. Any bytes may be given. tools/make-domain-weights scans its sources the same way.

// A word's identity: a 64-bit hash of its normalised form.
using WordKey = uint64_t;

// How often each word occurs.
using WordCounts = absl::flat_hash_map<WordKey, uint32_t>;

// Adds the words of `text` to `counts`, each occurrence as `weight`. Linear in the text; memory grows with distinct
// words.
void CountWords(std::string_view text, uint32_t weight, WordCounts& counts);

// The key under which CountWords would count `word`, a normalised word as the scan yields it.
WordKey KeyOf(std::string_view word);

// The keys of all words of `text`, once each, in the order of their first appearance.
std::vector<WordKey> KeysOf(std::string_view text);

}  // namespace quern::persona
