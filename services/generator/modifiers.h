#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "services/generator/sentence.h"
#include "services/generator/topic.h"

namespace quern::generator {

// A participle that says something of a predicate's head noun: "designed by Ann Lee in 1970" in "a language for
// children designed by Ann Lee in 1970 and sold by Acme". Its own words are [participle, end).
struct Modifier {
  size_t participle = 0;
  size_t end = 0;
};

// The position of the article after "TOPIC is", 0 for a dictionary entry's "A ..."; nothing when the sentence does not
// tell what the topic is.
std::optional<size_t> PredicateAt(const Topic& topic, const Sentence& sentence);

// The participles that modify the head noun of the phrase whose article stands at `article`, in order. A participle
// that could modify another noun ("a compiler for the language designed by") is left out: before it stand neither a
// name nor a noun with an article nor a plural, unless a comma parts them.
std::vector<Modifier> FindModifiers(const Sentence& sentence, size_t article);

}  // namespace quern::generator
