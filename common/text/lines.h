#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace quern::text {

// A line without the white space around it; never empty.
struct Line {
  // Bytes into the text. A logical line that was joined keeps the line ends in its middle.
  size_t begin;
  size_t end;
  // Which paragraph it belongs to, counted from 0. Blank lines part paragraphs.
  uint32_t paragraph;
};

// The lines of `text` that are not blank, in order, ended by \n or \r\n.
std::vector<Line> SplitLines(std::string_view text);

// The column at which `text` was cut: its lines' width in bytes (one line in twenty may be longer), when that lies
// between 40 and 100 and there are at least two lines. Otherwise 0: lines are not cut.
size_t FindWrapColumn(const std::vector<Line>& lines);

// Joins lines that only a cut at a column parts: a line and its successor in the same paragraph become one when the
// successor's first word would not have fitted before `FindWrapColumn(lines)`, give or take a tenth. Lists, headings
// and verse keep their lines, since theirs end early. Text that is not cut is returned as it is.
std::vector<Line> JoinWrappedLines(std::string_view text, std::vector<Line> lines);

}  // namespace quern::text
