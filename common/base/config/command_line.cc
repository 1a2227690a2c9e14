#include "common/base/config/command_line.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/config/faults.h"
#include "common/base/error.h"

namespace quern::config {
namespace {

constexpr size_t kHelpColumns = 100;

const FlagSpec* Find(const std::vector<FlagSpec>& flags, const std::string& name) {
  const auto flag = std::find_if(flags.begin(), flags.end(), [&](const FlagSpec& f) { return f.name == name; });
  return flag == flags.end() ? nullptr : &*flag;
}

// "--redis URL".
std::string Usage(const FlagSpec& flag) {
  return flag.value.empty() ? absl::StrCat("--", flag.name) : absl::StrCat("--", flag.name, " ", flag.value);
}

// `words` in lines of at most `width` characters.
std::vector<std::string> Wrap(const std::string& words, size_t width) {
  std::vector<std::string> lines(1);
  for (const auto word : absl::StrSplit(words, ' ')) {
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    absl::StrAppend(&lines.back(), lines.back().empty() ? "" : " ", word);
  }
  return lines;
}

}  // namespace

absl::StatusOr<CommandLine> CommandLine::Parse(const std::vector<FlagSpec>& flags,
                                               const std::vector<std::string>& words) {
  CommandLine line;
  Faults faults;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      line.positional_.insert(line.positional_.end(), words.begin() + static_cast<ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (!absl::StartsWith(word, "--")) {
      line.positional_.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const bool attached = equals != std::string::npos;
    const std::string name = word.substr(2, attached ? equals - 2 : std::string::npos);
    const FlagSpec* flag = Find(flags, name);
    if (flag == nullptr) {
      faults.Add(absl::StrCat("--", name), "is unknown; see --help");
    } else if (attached) {
      if (flag->value.empty()) faults.Add(absl::StrCat("--", name), "takes no value");
      line.values_[name].push_back(word.substr(equals + 1));
    } else if (flag->value.empty()) {
      line.values_[name].emplace_back();
    } else if (i + 1 == words.size() || absl::StartsWith(words[i + 1], "--")) {
      faults.Add(absl::StrCat("--", name), absl::StrCat("expects a value: ", Usage(*flag)));
    } else {
      line.values_[name].push_back(words[++i]);
    }
  }
  QUERN_RETURN_IF_ERROR(faults.ToStatus("USAGE"));
  return line;
}

std::string CommandLine::Value(std::string_view name, std::string_view fallback) const {
  const auto values = values_.find(name);
  return values == values_.end() ? std::string(fallback) : values->second.back();
}

std::vector<std::string> CommandLine::Values(std::string_view name) const {
  const auto values = values_.find(name);
  return values == values_.end() ? std::vector<std::string>() : values->second;
}

std::string FlagHelp(const std::vector<FlagSpec>& flags) {
  size_t column = 0;
  for (const FlagSpec& flag : flags) column = std::max(column, Usage(flag).size() + 4);
  std::string text;
  for (const FlagSpec& flag : flags) {
    std::string lead = absl::StrCat("  ", Usage(flag));
    for (const std::string& line : Wrap(flag.help, kHelpColumns - column)) {
      lead.resize(column, ' ');
      absl::StrAppend(&text, lead, line, "\n");
      lead.clear();
    }
  }
  return text;
}

}  // namespace quern::config
