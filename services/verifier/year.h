#pragma once

#include <string_view>

namespace quern::verifier {

// Whether a word can be read as a year: four digits, 1000 to 2999.
inline bool IsYear(std::string_view word) {
  return word.size() == 4 && word.find_first_not_of("0123456789") == std::string_view::npos &&
         (word[0] == '1' || word[0] == '2');
}

}  // namespace quern::verifier
