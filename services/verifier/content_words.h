#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quern::verifier {

// The stems of `text`'s words that carry content, in order: no articles, prepositions, auxiliaries, pronouns, question
// words. Numbers count.
std::vector<std::string> ContentStems(std::string_view text);

// Those of them that stand in `wanted`. Costs less: most words need no stem to be told apart.
std::vector<std::string> ContentStemsAmong(std::string_view text, const std::vector<std::string>& wanted);

}  // namespace quern::verifier
