#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace quern::persona {

// The default taxonomy (arXiv 2510.06499), in the order of the columns of data/domain_weights.tsv.
inline constexpr std::array<std::string_view, 10> kDomains = {
    "Math",
    "Technology & Engineering",
    "Coding",
    "Social Science",
    "Natural Science",
    "Travel & Lifestyle",
    "Commerce & Economics",
    "Medicine & Health",
    "Education",
    "Other",
};

// Index of the domain of what fits no other, or none surely enough.
inline constexpr size_t kOther = 9;

// Index of the domain called `name`, exactly; nullopt where there is none.
std::optional<size_t> DomainIndex(std::string_view name);

}  // namespace quern::persona
