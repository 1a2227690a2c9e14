#include "services/filter/line_marks.h"

#include <algorithm>
#include <array>

namespace quern::filter {

bool BeginsWithBullet(std::string_view line) { return line.starts_with('-') || line.starts_with("\u2022"); }

bool EndsInEllipsis(std::string_view line) { return line.ends_with("...") || line.ends_with("\u2026"); }

bool EndsInTerminalMark(std::string_view line) {
  static constexpr std::string_view kAsciiMarks = ".?!\"'";
  static constexpr std::array<std::string_view, 5> kOtherMarks = {"\u201D", "\u2019", "\u3002", "\uFF01", "\uFF1F"};
  return kAsciiMarks.find(line.back()) != std::string_view::npos ||
         std::any_of(kOtherMarks.begin(), kOtherMarks.end(),
                     [&](std::string_view mark) { return line.ends_with(mark); });
}

}  // namespace quern::filter
