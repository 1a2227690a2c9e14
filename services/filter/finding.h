#pragma once

#include <optional>
#include <string_view>

namespace quern::filter {

// What a rule found wrong with a document.
struct Finding {
  // Stable upper-case name of the rule.
  std::string_view reason;
  // What was measured, in words: "share of lines that ...".
  std::string_view measure;
  double value;
  double threshold;
};

// The finding of a rule whose measured value may be `threshold` but not more.
inline std::optional<Finding> AtMost(double threshold, double value, std::string_view reason,
                                     std::string_view measure) {
  if (value > threshold) return Finding{reason, measure, value, threshold};
  return std::nullopt;
}

// The finding of a rule whose measured value may be `threshold` but not less.
inline std::optional<Finding> AtLeast(double threshold, double value, std::string_view reason,
                                      std::string_view measure) {
  if (value < threshold) return Finding{reason, measure, value, threshold};
  return std::nullopt;
}

}  // namespace quern::filter

// Returns from the calling function when `expression`, a std::optional<Finding>, holds one.
#define QUERN_RETURN_IF_FOUND(expression)                        \
  do {                                                           \
    if (auto quern_finding = (expression)) return quern_finding; \
  } while (false)
