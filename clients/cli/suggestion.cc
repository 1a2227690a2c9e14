#include "clients/cli/suggestion.h"

#include <algorithm>

namespace quern::cli {
namespace {

// Levenshtein's distance: insertions, deletions and replacements of one byte.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Suggestion(std::string_view typed, const std::vector<std::string>& known) {
  std::string best;
  // More than a third of the letters wrong is another word.
  size_t least = std::max<size_t>(2, typed.size() / 3) + 1;
  for (const std::string& name : known) {
    const bool prefix = typed.size() >= 2 && name.rfind(typed, 0) == 0;
    const size_t distance = prefix ? 0 : Distance(typed, name);
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best.empty() ? "" : " (did you mean '" + best + "'?)";
}

}  // namespace quern::cli
