#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace quern::simulator {

// How long a reply takes. Immutable, thread-safe.
class Latency {
 public:
  // None.
  Latency() = default;

  // "200ms" (always), "uniform:50ms:500ms" (evenly between), or "lognormal:200ms:0.5" (the median, and the standard
  // deviation of the logarithm, 0 to 3: servers' latencies have such a tail). INVALID_ARGUMENT, reason USAGE.
  static absl::StatusOr<Latency> Parse(std::string_view text);

  // The latency that belongs to the random bits `random`; the same bits give the same. At most an hour.
  absl::Duration Draw(uint64_t random) const;

 private:
  enum class Kind { kConstant, kUniform, kLognormal };

  Kind kind_ = Kind::kConstant;
  absl::Duration low_;
  absl::Duration high_;
  double sigma_ = 0;
};

// The upper 53 bits of `random` as a number from 0 to 1, 1 excluded.
double UnitInterval(uint64_t random);

}  // namespace quern::simulator
