#pragma once

#include <optional>
#include <string>

#include "services/generator/noun_phrase.h"
#include "services/generator/sentence.h"

namespace quern::generator {

// A year or day of an event, "in 1972" or "on 5 May 1932", inside a clause.
struct When {
  size_t begin = 0;   // the preposition
  size_t answer = 0;  // the year or date
  size_t end = 0;
  bool day = false;    // names a day, not only a year
  bool month = false;  // names a month of a year, no day
};

// The time expression at `at`, if one stands there and is not open-ended ("in 1972 or", "in 1990s dollars").
std::optional<When> ParseWhen(const Sentence& sentence, size_t at);

// "In what year" / "On what date" / "In what month and year".
std::string AskWhen(const When& when);

// True when [from, to) may stand in a question as it is: no pronouns, auxiliaries, relatives, conjunctions, punctuation
// (commas too) nor finite verbs that would need their own clause; at most `max_words` words.
bool IsPlainPhrase(const Sentence& sentence, size_t from, size_t to, size_t max_words);

// True when an auxiliary or modal ("was", "has", "can") stands in [from, to).
bool HasFiniteVerb(const Sentence& sentence, size_t from, size_t to);

// A number with an optional unit at `at`: "3,456", "29 km", "4.5 million", "seven", "324 metres". One past its end, or
// `at`. `has_unit` is set when a unit belongs to it.
size_t QuantityEnd(const Sentence& sentence, size_t at, bool& has_unit);

}  // namespace quern::generator
