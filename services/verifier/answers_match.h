#pragma once

#include <string_view>

namespace quern::verifier {

// Whether two short answers say the same: the same words, where case, articles and punctuation don't
// count (SQuAD's exact match), except in numbers, which are compared as numbers: "1,200 km" is "1200 km", and 3.14 is
// not 314. Units must be the same words. Symmetric; it knows no synonyms, so a false says less than a true.
bool AnswersMatch(std::string_view a, std::string_view b);

}  // namespace quern::verifier
