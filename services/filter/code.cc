#include "services/filter/code.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"

namespace quern::filter {
namespace {

constexpr std::array<std::string_view, 14> kOpenings = {"#include", "#define", "#!/",     "//",   "/*",
                                                        "*/",       "import ", "from __", "def ", "return ",
                                                        "package ", "using ",  "<?php",   "$ "};

// Whether the brace at `offset` opens a TeX argument.
bool OpensTexArgument(std::string_view text, size_t offset) {
  if (offset == 0) return false;
  if (text[offset - 1] == '^' || text[offset - 1] == '_') return true;
  size_t command = offset;
  while (command > 0 && absl::ascii_isalpha(text[command - 1])) --command;
  return command < offset && command > 0 && text[command - 1] == '\\';
}

bool HoldsTex(std::string_view text) {
  for (size_t brace = text.find('{'); brace != std::string_view::npos; brace = text.find('{', brace + 1)) {
    if (OpensTexArgument(text, brace)) return true;
  }
  return false;
}

}  // namespace

bool ReadsLikeCode(std::string_view line) {
  const char last = line.back();
  if (last == ';' || last == '{') return true;
  // A brace that only closes a placeholder of a sentence ("Dear {name}") is no code.
  if (last == '}' && (line.front() == '}' || line.find_first_of(";=:") != std::string_view::npos)) return true;
  if (line.ends_with("):") && line.starts_with("if ")) return true;
  return std::any_of(kOpenings.begin(), kOpenings.end(), [&](std::string_view opening) {
    // A statement has no full stop at its end; a sentence that begins with "return" or "import" has one.
    return line.starts_with(opening) && (last != '.' || !absl::ascii_isalpha(opening.front()));
  });
}

bool IsCode(const Profile& profile, double min_code_lines) {
  size_t code_lines = 0;
  for (const text::Line& line : profile.written_lines) {
    const std::string_view written = profile.Text(line);
    if (written.starts_with("```")) return true;
    code_lines += ReadsLikeCode(written);
  }
  return static_cast<double>(code_lines) >= min_code_lines * static_cast<double>(profile.written_lines.size()) ||
         HoldsTex(profile.text);
}

}  // namespace quern::filter
