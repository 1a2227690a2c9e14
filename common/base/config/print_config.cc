#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/config/service_config.h"

namespace quern::config {
namespace {

std::string Quoted(const std::string& value) {
  return absl::StrCat("\"", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}), "\"");
}

}  // namespace

std::string PrintConfig(const LoadedConfig& loaded) {
  std::string text;
  std::string block;
  size_t width = 0;
  for (const Setting& s : loaded.settings) width = std::max(width, s.path.size() - s.path.find('.') + s.value.size());
  for (const Setting& setting : loaded.settings) {
    const std::pair<std::string, std::string> names = absl::StrSplit(setting.path, absl::MaxSplits('.', 1));
    if (names.first != block) absl::StrAppend(&text, names.first, ":\n");
    block = names.first;
    const std::string line =
        absl::StrCat("  ", names.second, ": ", setting.is_text ? Quoted(setting.value) : setting.value);
    absl::StrAppend(&text, absl::StrFormat("%-*s  # %s\n", static_cast<int>(width) + 5, line, setting.source));
  }
  for (const IgnoredVariable& variable : loaded.ignored_variables) {
    absl::StrAppend(&text, "# ignored: environment ", variable.name, " names no setting",
                    variable.meant.empty() ? "" : "; did you mean " + variable.meant + "?", "\n");
  }
  return text;
}

}  // namespace quern::config
