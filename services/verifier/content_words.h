#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quern::verifier {

// The stems of `text`'s words that carry content, in order: no articles, prepositions, auxiliaries, pronouns, question
// words. Numbers count.
std::vector<std::string> ContentStems(std::string_view text);

}  // namespace quern::verifier
