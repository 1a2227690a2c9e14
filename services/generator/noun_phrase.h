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

// True when the word at `at` is a pronoun that stands for the topic: "it" (for a person "he" or "she") leading a
// sentence that follows one about the topic.
bool IsTopicPronoun(const Topic& topic, const Sentence& sentence, size_t at);

// The topic as a question names it, with its kind where the name alone is a single word: "the programming language
// Pascal".
std::string TopicText(const Topic& topic);

// One past the year at `at` (1000 to 2099, four digits), else `at`.
size_t YearEnd(const Sentence& sentence, size_t at);

// One past the date at `at` ("5 May 1818", "May 5, 1818", "May 1818"), else `at`. A bare year is no date.
size_t DateEnd(const Sentence& sentence, size_t at);

}  // namespace quern::generator
