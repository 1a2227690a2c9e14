#include "common/llm/prompt.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/absl_view.h"
#include "common/base/error.h"

namespace quern::llm {
namespace {

absl::Status BadPrompt(std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "INVALID_SPEC", what);
}

bool Contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

absl::StatusOr<PromptTemplate> PromptTemplate::Parse(std::string_view text, const std::vector<std::string_view>& known,
                                                     const std::vector<std::string_view>& required) {
  PromptTemplate made;
  std::vector<std::string_view> named;
  while (true) {
    const size_t open = text.find("{{");
    if (open == std::string_view::npos) break;
    const size_t close = text.find("}}", open);
    if (close == std::string_view::npos) return BadPrompt("prompt: \"{{\" is not closed by \"}}\"");
    const std::string_view name = text.substr(open + 2, close - open - 2);
    if (!Contains(known, name)) {
      return BadPrompt(absl::StrFormat("prompt: {{%s}} is unknown here; the task may use %s", name,
                                       absl::StrJoin(known, ", ", [](std::string* out, std::string_view variable) {
                                         absl::StrAppend(out, "{{", AbslView(variable), "}}");
                                       })));
    }
    made.pieces_.push_back({std::string(text.substr(0, open)), std::string(name)});
    named.push_back(name);
    text.remove_prefix(close + 2);
  }
  made.pieces_.push_back({std::string(text), ""});
  for (const std::string_view name : required) {
    if (!Contains(named, name)) return BadPrompt(absl::StrFormat("prompt: {{%s}} must stand in it", name));
  }
  return made;
}

std::string PromptTemplate::Fill(const Values& values) const {
  size_t size = 0;
  for (const Piece& piece : pieces_) size += piece.text.size();
  for (const auto& value : values) size += value.second.size();
  std::string out;
  out.reserve(size);
  for (const Piece& piece : pieces_) {
    out.append(piece.text);
    const auto value =
        std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == piece.variable; });
    if (value != values.end()) out.append(value->second);
  }
  return out;
}

std::string OneLine(std::string_view value) {
  std::string line;
  line.reserve(value.size());
  bool space = false;
  for (const char c : value) {
    if (static_cast<unsigned char>(c) <= ' ') {
      space = !line.empty();
      continue;
    }
    if (space) line.push_back(' ');
    space = false;
    line.push_back(c);
  }
  return line;
}

}  // namespace quern::llm
