#pragma once

#include <string_view>
#include <variant>

#include "quern/v1/work.pb.h"
#include "services/filter/thresholds.h"

namespace quern::filter {

// Version of the rules and of how they measure; it stands in every StageTrace. Changes whenever a decision may change.
inline constexpr std::string_view kRulesVersion = "filter-rules-1";

// Judges a text by rules alone: kept, with its language, or rejected by the first rule that it misses. Order: tokens,
// language, Gopher quality, Gopher repetition, FineWeb, C4; the reader of a rejection learns the most basic fault.
// `text` is valid UTF-8 of less than 4 GiB; it is only read. Deterministic; thread-safe. Time is linear in the text.
std::variant<v1::FilterVerdict, v1::Rejection> JudgeText(std::string_view text, const Thresholds& thresholds);

}  // namespace quern::filter
