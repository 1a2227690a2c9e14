#include "clients/cli/ratio_estimate.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

namespace quern::cli {
namespace {

constexpr double kUpperTail = 0.025;

double SumOf(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

// Σ(a − ā)(b − b̄).
double CrossDeviation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = SumOf(a) / static_cast<double>(a.size());
  const double mean_b = SumOf(b) / static_cast<double>(b.size());
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum;
}

// Whether the ratio to x estimates better than the mean does: ρ > CV(x) / (2·CV(y)), multiplied out, so that nothing is
// divided by zero: with the sums of squares S, S(xy)/S(x) > (Σy/Σx)/2.
bool RatioHelps(const std::vector<double>& x, const std::vector<double>& y) {
  const double spread = CrossDeviation(x, x);
  if (spread <= 0 || SumOf(x) <= 0) return false;
  return CrossDeviation(x, y) / spread > SumOf(y) / SumOf(x) / 2;
}

}  // namespace

double DifferentDocuments(const SampleFrame& frame) {
  const auto sampled = static_cast<double>(frame.copies.size());
  if (frame.complete || sampled == 0) return sampled;
  return std::max(sampled, frame.all_copies * sampled / SumOf(frame.copies));
}

Interval EstimateTotal(const SampleFrame& frame, const std::vector<double>& parts) {
  const double held = SumOf(parts);
  if (frame.complete || parts.empty()) return {held, held, held};
  const bool by_bytes = RatioHelps(frame.bytes, parts);
  const std::vector<double>& x = by_bytes ? frame.bytes : frame.copies;
  const double all_x = by_bytes ? frame.all_bytes : frame.all_copies;
  const double ratio = held / SumOf(x);
  const double value = std::max(held, all_x * ratio);
  const auto n = static_cast<double>(parts.size());
  if (parts.size() < 2) return {value, held, std::numeric_limits<double>::infinity()};
  double squares = 0;
  for (size_t i = 0; i < parts.size(); ++i) squares += std::pow(parts[i] - ratio * x[i], 2);
  const double left_out = 1 - n / DifferentDocuments(frame);
  const double error = all_x / (SumOf(x) / n) * std::sqrt(std::max(left_out, 0.0) / n * squares / (n - 1));
  const double student = boost::math::quantile(boost::math::complement(boost::math::students_t(n - 1), kUpperTail));
  return {value, std::max(held, value - student * error), value + student * error};
}

}  // namespace quern::cli
