#include "common/base/endpoint_name.h"

namespace quern {

std::string EndpointName(std::string_view base_url, std::string_view model) {
  const size_t scheme = base_url.find("://");
  std::string_view place = scheme == std::string_view::npos ? base_url : base_url.substr(scheme + 3);
  // Whatever stands before an @ could be a password.
  const size_t at = place.find('@');
  if (at != std::string_view::npos) place.remove_prefix(at + 1);
  std::string name(place);
  name += ' ';
  name += model;
  return name;
}

}  // namespace quern
