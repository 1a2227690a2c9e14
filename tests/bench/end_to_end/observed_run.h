#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace quern::bench {

// What was seen of one run of `quern` while it worked.
struct ObservedRun {
  int exit_code = 0;
  absl::Duration wall;
  // CPU seconds, user and system, of quern's own process and of its redis-server.
  double quern_cpu_seconds = 0;
  double redis_cpu_seconds = 0;
  // Resident bytes at each sample, and their largest.
  std::vector<uint64_t> quern_resident_bytes;
  std::vector<uint64_t> redis_resident_bytes;
  // Bytes of the append-only files at each sample.
  std::vector<uint64_t> log_bytes;
};

// Runs `quern run corpus --output output` and looks at it every `interval`.
ObservedRun RunObserved(const std::string& quern, const std::string& corpus, const std::string& output,
                        absl::Duration interval);

}  // namespace quern::bench
