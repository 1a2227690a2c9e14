#pragma once

#include <string>
#include <string_view>

#include "services/generator/sentence.h"

namespace quern::generator {

// Verbs whose events happen once to a thing, so that "in what year" and "by whom" have one answer. `base` is the verb's
// base form.
bool IsEventVerb(std::string_view base);

// Verbs that make or find a thing, so that "who ...ed it" has one answer: found, invent, write, discover.
bool IsMakingVerb(std::string_view base);

// The base of the past form or participle at `at` ("founded": "found"), or "" when the word is none.
std::string PastBase(const Sentence& sentence, size_t at);

}  // namespace quern::generator
