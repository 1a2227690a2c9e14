#include "common/base/near_name.h"

#include <algorithm>
#include <numeric>

namespace quern {
namespace {

// Levenshtein's distance: insertions, deletions and replacements of one byte.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string NearName(std::string_view typed, const std::vector<std::string>& known) {
  std::string_view nearest;
  size_t least = (typed.size() < 3 ? 1 : std::max<size_t>(2, typed.size() / 3)) + 1;
  for (const std::string& name : known) {
    const size_t distance = Distance(typed, name);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return std::string(nearest);
}

}  // namespace quern
