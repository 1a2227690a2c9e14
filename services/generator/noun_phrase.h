#pragma once

#include <optional>
#include <string>

#include "services/generator/sentence.h"
#include "services/generator/topic.h"

namespace quern::generator {

// A noun phrase that names its thing without the document at hand.
struct NounPhrase {
  // One past its last word.
  size_t end = 0;
  // As it stands inside a question: "the Eiffel Tower", "the programming language Pascal", "hydrogen".
  std::string text;
  // It is the document's topic.
  bool topic = false;
  bool plural = false;
};

// One past the last word of the proper name that begins at `at` ("The" may lead it); `at` when none does. Names are
// runs of capitalised words, initials and numbers, joined by particles (of, de, van, the). At the beginning of a
// sentence the first word must be no common word unless the second is capitalised, too.
size_t NameEnd(const Sentence& sentence, size_t at);

// A subject or object at `at` that stands alone: the topic; a name of two words or more, or a single name that only one
// thing has (a country, a name with digits or inner capitals); "the N of NAME". Nothing otherwise.
std::optional<NounPhrase> ParseNamed(const Sentence& sentence, size_t at, const Topic& topic);

// One past what stands for the topic at `at`, else `at`: "it" (for a person "he" or "she") in a sentence that follows
// one about the topic, "the tower" in one near it, where a verb comes next.
size_t StandInEnd(const Topic& topic, const Sentence& sentence, size_t at);

// True when "its NOUN" (for a person "his" or "her") at `at` speaks of the topic.
bool IsPossessiveOf(const Topic& topic, const Sentence& sentence, size_t at);

// The topic as a question names it: with "the" where the document or English names it so ("the Nile"), behind its kind
// where the name alone would be unclear or lack an article ("the programming language Pascal").
std::string TopicText(const Topic& topic);

// False for a common noun of which the document does not tell whether it takes an article ("[the?] fetch cycle").
bool IsArticleClear(const Topic& topic);

// One past the year at `at` (1000 to 2099, four digits), else `at`.
size_t YearEnd(const Sentence& sentence, size_t at);

// One past the date at `at` ("5 May 1818", "May 5, 1818", "1818-05-05", "May 1818"), else `at`. A bare year is no date.
size_t DateEnd(const Sentence& sentence, size_t at);

}  // namespace quern::generator
