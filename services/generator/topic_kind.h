#pragma once

#include <string>

#include "services/generator/sentence.h"

namespace quern::generator {

// What the phrase after "is a" says that a thing is.
struct Kind {
  // The noun that heads the phrase, with the noun before it: "programming language". Empty for a role ("version",
  // "member"), a collection ("family") and a noun that goes on with "of".
  std::string name;
  // Its last noun alone: "language". Empty like `name`, but kept before "of".
  std::string noun;
  // Its last noun is a person.
  bool person = false;
};

// The position of the noun that heads the phrase whose first word after the article is at `at`, 0 when it is not clear:
// "fast, portable <language> designed by", "Polish and French <physicist>". Unknown words right before the phrase's end
// make it unclear.
size_t HeadNoun(const Sentence& sentence, size_t at);

// Reads the phrase whose first word after the article is at `at`.
Kind KindAt(const Sentence& sentence, size_t at);

// True when the word at `at` is a participle that says more about the noun right before it: "a knob found between
// keys".
bool IsPostmodifier(const Sentence& sentence, size_t at);

}  // namespace quern::generator
