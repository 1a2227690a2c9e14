#include "absl/strings/ascii.h"
#include "common/base/absl_view.h"
#include "common/llm/reply.h"

namespace quern::llm {
namespace {

constexpr std::string_view kFence = "```";

std::string_view TrimmedText(std::string_view text) { return StdView(absl::StripAsciiWhitespace(AbslView(text))); }

// Where the fenced block that `text` is the inside of ends. A fence that ends a block stands at the start of a line,
// and a string in JSON holds no raw newline: so one that a model quotes inside a string doesn't count. In a block on
// one line it is the last that counts. A block that was cut ends with the text.
size_t BlockEnd(std::string_view text) {
  for (size_t at = text.find(kFence); at != std::string_view::npos; at = text.find(kFence, at + kFence.size())) {
    const size_t before = text.find_last_not_of(" \t", at == 0 ? 0 : at - 1);
    if (before != std::string_view::npos && text[before] == '\n') return at;
  }
  const size_t last = text.rfind(kFence);
  const size_t brace = text.rfind('}');
  return last != std::string_view::npos && brace != std::string_view::npos && last > brace ? last : text.size();
}

std::string_view BetweenBraces(std::string_view text) {
  const size_t first = text.find('{');
  if (first == std::string_view::npos) return "";
  const size_t last = text.rfind('}');
  // A reply that was cut before its first closing brace: what there is, for the parser's message.
  if (last == std::string_view::npos || last < first) return text.substr(first);
  return text.substr(first, last - first + 1);
}

}  // namespace

std::string_view JsonObjectIn(std::string_view text) {
  text = TrimmedText(text);
  const size_t fence = text.find(kFence);
  // A fence after the first brace is part of the object, in one of its strings.
  if (fence != std::string_view::npos && fence < text.find('{')) {
    const std::string_view inside = text.substr(fence + kFence.size());
    const std::string_view object = BetweenBraces(inside.substr(0, BlockEnd(inside)));
    if (!object.empty()) return TrimmedText(object);
  }
  return BetweenBraces(text);
}

}  // namespace quern::llm
