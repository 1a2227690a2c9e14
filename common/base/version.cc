#include "common/base/version.h"

namespace quern {

std::string_view Version() { return QUERN_VERSION; }

}  // namespace quern
