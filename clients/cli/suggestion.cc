#include "clients/cli/suggestion.h"

#include <algorithm>

#include "common/base/near_name.h"

namespace quern::cli {

std::string Suggestion(std::string_view typed, const std::vector<std::string>& known) {
  const auto begun = std::find_if(known.begin(), known.end(), [&](const std::string& name) {
    return typed.size() >= 2 && name.rfind(typed, 0) == 0;
  });
  const std::string meant = begun != known.end() ? *begun : NearName(typed, known);
  return meant.empty() ? "" : " (did you mean '" + meant + "'?)";
}

}  // namespace quern::cli
