#include "services/simulator/latency.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_view.h"
#include "common/base/config/units.h"
#include "common/base/error.h"

namespace quern::simulator {
namespace {

constexpr double kMaxSigma = 3;

absl::Status BadLatency(std::string_view text) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, "USAGE",
      absl::StrCat("\"", AbslView(text),
                   "\" is no latency; write for example 200ms, uniform:50ms:500ms or lognormal:200ms:0.5"));
}

// Steps of splitmix64: independent bits from dependent ones.
uint64_t Mix(uint64_t bits) {
  bits += 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
  return bits ^ (bits >> 31);
}

}  // namespace

double UnitInterval(uint64_t random) { return static_cast<double>(random >> 11) * 0x1p-53; }

absl::StatusOr<Latency> Latency::Parse(std::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(AbslView(text), ':');
  Latency latency;
  if (parts.size() == 1) {
    const std::optional<absl::Duration> constant = config::ParseDuration(parts[0]);
    if (!constant) return BadLatency(text);
    latency.low_ = *constant;
    return latency;
  }
  const std::optional<absl::Duration> first = parts.size() == 3 ? config::ParseDuration(parts[1]) : std::nullopt;
  if (!first) return BadLatency(text);
  latency.low_ = *first;
  if (parts[0] == "uniform") {
    const std::optional<absl::Duration> last = config::ParseDuration(parts[2]);
    if (!last || *last < *first) return BadLatency(text);
    latency.kind_ = Kind::kUniform;
    latency.high_ = *last;
    return latency;
  }
  const bool is_number = absl::SimpleAtod(parts[2], &latency.sigma_);
  if (parts[0] != "lognormal" || !is_number || !(latency.sigma_ >= 0 && latency.sigma_ <= kMaxSigma)) {
    return BadLatency(text);
  }
  latency.kind_ = Kind::kLognormal;
  return latency;
}

absl::Duration Latency::Draw(uint64_t random) const {
  absl::Duration drawn = low_;
  if (kind_ == Kind::kUniform) {
    drawn += (high_ - low_) * UnitInterval(Mix(random));
  } else if (kind_ == Kind::kLognormal) {
    // Box and Muller (1958): a normal deviate from two uniform ones. 1 - u is never 0.
    const double radius = std::sqrt(-2 * std::log(1 - UnitInterval(Mix(random))));
    const double normal = radius * std::cos(2 * std::numbers::pi * UnitInterval(Mix(random + 1)));
    drawn = low_ * std::exp(sigma_ * normal);
  }
  return std::min(drawn, absl::Hours(1));
}

}  // namespace quern::simulator
