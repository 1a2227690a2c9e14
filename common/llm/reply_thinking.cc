#include "common/llm/reply_thinking.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "common/base/absl_view.h"

namespace quern::llm {
namespace {

struct ThinkTag {
  std::string_view opens;
  std::string_view closes;
};

constexpr ThinkTag kThinkTags[] = {{"<think>", "</think>"}, {"<thinking>", "</thinking>"}};

std::string_view StrippedThought(std::string_view text) { return StdView(absl::StripAsciiWhitespace(AbslView(text))); }

void MoveThought(std::string_view thought, std::string_view rest, Completion* completion) {
  std::string text(StrippedThought(rest));
  thought = StrippedThought(thought);
  // Where the server has split off reasoning already, that stands first.
  if (!completion->reasoning.empty() && !thought.empty()) completion->reasoning += '\n';
  completion->reasoning += thought;
  completion->text = std::move(text);
}

// A text that speaks of the tag is not a thought: the tag that ends one begins a line or has nothing behind it in its
// line but the start of the reply's JSON.
bool EndsThought(std::string_view text, size_t at, size_t size) {
  if (at == 0 || text[at - 1] == '\n') return true;
  const size_t next = text.find_first_not_of(" \t\r", at + size);
  return next == std::string_view::npos || text[next] == '\n' || text[next] == '{';
}

}  // namespace

void SplitThinking(Completion* completion) {
  const std::string_view text = StrippedThought(completion->text);
  for (const ThinkTag& tag : kThinkTags) {
    if (text.substr(0, tag.opens.size()) != tag.opens) continue;
    const size_t end = text.find(tag.closes);
    if (end == std::string_view::npos) return MoveThought(text.substr(tag.opens.size()), "", completion);
    return MoveThought(text.substr(tag.opens.size(), end - tag.opens.size()), text.substr(end + tag.closes.size()),
                       completion);
  }
  // JSON that quotes a tag in a string opens with its brace.
  if (text.empty() || text.front() == '{' || text.front() == '[') return;
  for (const ThinkTag& tag : kThinkTags) {
    const size_t end = text.find(tag.closes);
    if (end == std::string_view::npos || text.substr(0, end).find(tag.opens) != std::string_view::npos) continue;
    if (!EndsThought(text, end, tag.closes.size())) continue;
    return MoveThought(text.substr(0, end), text.substr(end + tag.closes.size()), completion);
  }
}

}  // namespace quern::llm
