#include "services/filter/fineweb.h"

#include <algorithm>

#include "common/text/utf8.h"
#include "services/filter/line_marks.h"

namespace quern::filter {
namespace {

bool IsShort(std::string_view line, uint32_t characters) {
  return line.size() <= characters ||
         (line.size() <= 4 * size_t{characters} && text::CountCodePoints(line) <= characters);
}

}  // namespace

std::optional<Finding> CheckFineWeb(const Profile& profile, const FineWebThresholds& thresholds) {
  size_t terminal = 0;
  size_t short_lines = 0;
  for (const text::Line& line : profile.lines) {
    terminal += EndsInTerminalMark(profile.Text(line));
    short_lines += IsShort(profile.Text(line), thresholds.short_line_characters);
  }
  const auto lines = static_cast<double>(std::max<size_t>(profile.lines.size(), 1));
  QUERN_RETURN_IF_FOUND(AtLeast(thresholds.min_terminal_lines, static_cast<double>(terminal) / lines,
                                "FINEWEB_TERMINAL_LINES", "share of lines that end in a terminal mark"));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_short_lines, static_cast<double>(short_lines) / lines,
                               "FINEWEB_SHORT_LINES", "share of short lines"));
  const auto characters = static_cast<double>(std::max<uint64_t>(profile.characters - profile.newlines, 1));
  QUERN_RETURN_IF_FOUND(AtMost(thresholds.max_duplicate_line_characters,
                               static_cast<double>(profile.duplicate_lines.characters) / characters,
                               "FINEWEB_DUPLICATE_LINES", "share of characters in repeated lines"));
  const uint64_t line_ends = profile.newlines - (profile.written_lines.size() - profile.lines.size());
  return AtMost(thresholds.max_newlines_per_word,
                static_cast<double>(line_ends) / static_cast<double>(std::max<uint64_t>(profile.token_count, 1)),
                "FINEWEB_NEWLINES", "line ends per word");
}

}  // namespace quern::filter
