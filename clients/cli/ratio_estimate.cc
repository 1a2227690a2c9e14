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

double WeightedSum(const std::vector<double>& weights, const std::vector<double>& values) {
  return std::inner_product(weights.begin(), weights.end(), values.begin(), 0.0);
}

struct TotalWithVariance {
  double value = 0;
  double variance = std::numeric_limits<double>::infinity();
};

TotalWithVariance ByRatio(const std::vector<double>& stands_for, const std::vector<double>& x, double all_x,
                          const std::vector<double>& y) {
  const double estimated_x = WeightedSum(stands_for, x);
  if (estimated_x <= 0) return {};
  const double ratio = WeightedSum(stands_for, y) / estimated_x;
  TotalWithVariance total{all_x * ratio};
  const auto n = static_cast<double>(y.size());
  if (y.size() < 2) return total;
  double squares = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    squares += stands_for[i] * (stands_for[i] - 1) * std::pow(y[i] - ratio * x[i], 2);
  }
  total.variance = std::pow(all_x / estimated_x, 2) * n / (n - 1) * squares;
  return total;
}

}  // namespace

double DifferentDocuments(const SampleFrame& frame) {
  const auto sampled = static_cast<double>(frame.copies.size());
  if (frame.complete || sampled == 0) return sampled;
  return std::max(sampled, frame.all_copies * SumOf(frame.stands_for) / WeightedSum(frame.stands_for, frame.copies));
}

Interval EstimateTotal(const SampleFrame& frame, const std::vector<double>& parts) {
  const double held = SumOf(parts);
  if (frame.complete || parts.empty()) return {held, held, held};
  const TotalWithVariance by_copies = ByRatio(frame.stands_for, frame.copies, frame.all_copies, parts);
  const TotalWithVariance by_bytes = ByRatio(frame.stands_for, frame.bytes, frame.all_bytes, parts);
  const TotalWithVariance& total = by_bytes.variance < by_copies.variance ? by_bytes : by_copies;
  const double value = std::max(held, total.value);
  if (parts.size() < 2) return {value, held, std::numeric_limits<double>::infinity()};
  const boost::math::students_t student(static_cast<double>(parts.size() - 1));
  const double error = boost::math::quantile(boost::math::complement(student, kUpperTail)) * std::sqrt(total.variance);
  return {value, std::max(held, value - error), value + error};
}

}  // namespace quern::cli
