#include "common/base/file_limit.h"

#include <sys/resource.h>

namespace quern {

void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  // What the process may not have it runs without: then connections fail, and say so.
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
}

}  // namespace quern
