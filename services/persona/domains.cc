#include "services/persona/domains.h"

#include <algorithm>

namespace quern::persona {

std::optional<size_t> DomainIndex(std::string_view name) {
  const auto found = std::find(kDomains.begin(), kDomains.end(), name);
  if (found == kDomains.end()) return std::nullopt;
  return static_cast<size_t>(found - kDomains.begin());
}

}  // namespace quern::persona
