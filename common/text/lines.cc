#include "common/text/lines.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"

namespace quern::text {
namespace {

constexpr size_t kMinColumn = 40;
constexpr size_t kMaxColumn = 100;
constexpr size_t kLongerLinesPerTwenty = 1;

size_t FirstWordBytes(std::string_view line) {
  return std::find_if(line.begin(), line.end(), absl::ascii_isspace) - line.begin();
}

// The mark that ends a sentence or a clause that stands alone.
bool EndsStatement(char last) { return std::string_view(".?!:;").find(last) != std::string_view::npos; }

// A line that opens a list entry never continues the one before.
bool OpensListEntry(std::string_view line) {
  return line.starts_with("- ") || line.starts_with("* ") || line.starts_with("\u2022");
}

}  // namespace

std::vector<Line> SplitLines(std::string_view text) {
  std::vector<Line> lines;
  uint32_t paragraph = 0;
  bool after_blank = false;
  for (size_t start = 0; start < text.size();) {
    const size_t newline = std::min(text.find('\n', start), text.size());
    size_t begin = start;
    size_t end = newline;
    while (begin < end && absl::ascii_isspace(text[begin])) ++begin;
    while (end > begin && absl::ascii_isspace(text[end - 1])) --end;
    if (begin == end) {
      after_blank = true;
    } else {
      if (after_blank && !lines.empty()) ++paragraph;
      after_blank = false;
      lines.push_back({begin, end, paragraph});
    }
    start = newline + 1;
  }
  return lines;
}

size_t FindWrapColumn(const std::vector<Line>& lines) {
  if (lines.size() < 2) return 0;
  std::array<size_t, kMaxColumn + 1> lines_of_length{};
  size_t longer = 0;
  for (const Line& line : lines) {
    const size_t length = line.end - line.begin;
    length <= kMaxColumn ? ++lines_of_length[length] : ++longer;
  }
  const size_t allowed = lines.size() * kLongerLinesPerTwenty / 20;
  if (longer > allowed) return 0;
  size_t column = kMaxColumn;
  while (column > 0 && longer + lines_of_length[column] <= allowed) longer += lines_of_length[column--];
  return column >= kMinColumn ? column : 0;
}

std::vector<Line> JoinWrappedLines(std::string_view text, std::vector<Line> lines) {
  const size_t column = FindWrapColumn(lines);
  if (column == 0) return lines;
  std::vector<Line> joined{lines.front()};
  size_t cuts = 0;
  size_t cuts_after_sentence = 0;
  for (size_t i = 1; i < lines.size(); ++i) {
    const Line& before = lines[i - 1];
    const std::string_view next = text.substr(lines[i].begin, lines[i].end - lines[i].begin);
    const size_t with_next_word = before.end - before.begin + 1 + FirstWordBytes(next);
    if (with_next_word > column - column / 10 && before.paragraph == lines[i].paragraph && !OpensListEntry(next)) {
      ++cuts;
      cuts_after_sentence += EndsStatement(text[before.end - 1]);
      joined.back().end = lines[i].end;
    } else {
      joined.push_back(lines[i]);
    }
  }
  return 2 * cuts_after_sentence > cuts ? lines : joined;
}

}  // namespace quern::text
