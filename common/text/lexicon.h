#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace quern::text {

// What an English word can be, as bits: open classes come from WordNet (see tools/make-lexicon), closed classes from a
// list in lexicon.cc. A word has every bit that applies ("that" is kDeterminer | kPronoun | kRelative); a word unknown
// to both has none.
enum WordClass : uint32_t {
  kNoun = 1u << 0,
  kVerb = 1u << 1,
  kAdjective = 1u << 2,
  kAdverb = 1u << 3,
  kPersonNoun = 1u << 4,  // its commonest noun sense is a person: "novelist"
  kGroupNoun = 1u << 5,   // a group: "orchestra"
  kTimeNoun = 1u << 6,    // a time: "century"
  kPlaceNoun = 1u << 7,   // a place: "village"
  kUnitNoun = 1u << 8,    // a unit of measurement or a currency: "metre"
  kPersonName = 1u << 9,  // capitalised, names a person: "Einstein"
  kPlaceName = 1u << 10,  // capitalised, names a place: "Paris"
  kCountryName = 1u << 11,
  kDeterminer = 1u << 12,  // a, the, this, each, ...
  kPronoun = 1u << 13,     // he, it, they, somebody, ...; possessives (his, its) too
  kPreposition = 1u << 14,
  kConjunction = 1u << 15,    // and, or, but, because, ...
  kAuxiliary = 1u << 16,      // forms of be, have, do
  kModal = 1u << 17,          // can, may, must, ...
  kRelative = 1u << 18,       // who, which, that, where, ...
  kNegation = 1u << 19,       // not, no, never, ...
  kNumberWord = 1u << 20,     // two, twelve, hundred, ...
  kFirstSecond = 1u << 21,    // I, we, you and their forms
  kDemonstrative = 1u << 22,  // this, these, those, such, here, there
  kMonth = 1u << 23,          // capitalised month names
  kClosed = kDeterminer | kPronoun | kPreposition | kConjunction | kAuxiliary | kModal | kRelative | kNegation,
};

// The form of a verb that a word can be.
enum class VerbForm : uint8_t { kNone, kBase, kThird, kPast, kGerund };

// English words and what they can be. Thread-safe: immutable after construction.
class Lexicon {
 public:
  // The lexicon of the binary; built at the first call (some milliseconds), alive until the process ends.
  static const Lexicon& English();

  // Bits of `word`, which is looked up as written: pass lower case for common words, the written form for names.
  // Plurals of known nouns have the noun's bits, inflected verbs kVerb.
  uint32_t Classes(std::string_view word) const;

  // True when lower-case `word` belongs to a closed class: articles, pronouns, prepositions, conjunctions, auxiliaries,
  // modals, question words, negations. Cheaper than Classes.
  bool IsClosed(std::string_view word) const { return (Find(word) & kClosed) != 0; }

  // The base of the verb that lower-case `form` belongs to and which form it is: "wrote" gives ("write", kPast),
  // "stopped"
  // ("stop", kPast). Past stands for the participle, too. ("", kNone) when it is no verb. Regular forms that are bases
  // too
  // ("found") are bases.
  std::pair<std::string, VerbForm> Verb(std::string_view form) const;

  // True when lower-case `word` is the plural of a known noun ("cities"), or a known noun without singular.
  bool IsPlural(std::string_view word) const;

 private:
  Lexicon();
  uint32_t Find(std::string_view word) const;
  bool IsVerbBase(std::string_view word) const { return (Find(word) & kVerb) != 0; }
  std::string StripEnding(std::string_view form, size_t ending) const;

  absl::flat_hash_map<std::string_view, uint32_t> classes_;
  absl::flat_hash_map<std::string_view, std::string_view> irregular_;
};

}  // namespace quern::text
