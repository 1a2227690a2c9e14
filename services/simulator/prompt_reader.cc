#include "services/simulator/prompt_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_view.h"
#include "common/base/hash.h"

namespace quern::simulator {
namespace {

constexpr size_t kMarkDigits = 8;
constexpr std::string_view kOpening = "[document ";
constexpr std::string_view kTitle = "Title:";
// Where a generator's task names its keys, when nothing else tells the stage: near its end.
constexpr size_t kKeysReach = 2000;

constexpr std::pair<std::string_view, PromptStage> kSchemas[] = {
    {"quern_filter", PromptStage::kFilter},      {"quern_personas", PromptStage::kPersona},
    {"quern_question", PromptStage::kGenerator}, {"quern_verdict", PromptStage::kVerifier},
    {"quern_answer", PromptStage::kAnswer},
};

bool Holds(std::string_view text, std::string_view words) { return text.find(words) != std::string_view::npos; }

bool IsAtLineStart(std::string_view text, size_t at) { return at == 0 || text[at - 1] == '\n'; }

std::string_view Stripped(std::string_view text) { return StdView(absl::StripAsciiWhitespace(AbslView(text))); }

// The mark of the opening line at `at`, or "".
std::string_view MarkAt(std::string_view text, size_t at) {
  const std::string_view mark = text.substr(std::min(text.size(), at + kOpening.size()), kMarkDigits);
  const size_t close = at + kOpening.size() + kMarkDigits;
  if (mark.size() != kMarkDigits || close >= text.size() || text[close] != ']') return {};
  return std::all_of(mark.begin(), mark.end(), [](char c) { return absl::ascii_isxdigit(c); }) ? mark
                                                                                               : std::string_view();
}

// Splits a "Title:" line with an empty line after it from the document.
void SplitTitle(Prompt& prompt) {
  if (!absl::StartsWith(AbslView(prompt.document), AbslView(kTitle))) return;
  const size_t end = prompt.document.find('\n');
  if (end == std::string_view::npos) return;
  const size_t next = prompt.document.find('\n', end + 1);
  if (!Stripped(prompt.document.substr(end, next == std::string_view::npos ? next : next - end)).empty()) return;
  prompt.title = Stripped(prompt.document.substr(kTitle.size(), end - kTitle.size()));
  prompt.document = next == std::string_view::npos ? std::string_view() : prompt.document.substr(next + 1);
}

// Finds the document; what follows it, or all of `task` when there is none.
std::string_view SplitDocument(std::string_view task, Prompt& prompt) {
  for (size_t at = task.find(kOpening); at != std::string_view::npos; at = task.find(kOpening, at + 1)) {
    const std::string_view mark = IsAtLineStart(task, at) ? MarkAt(task, at) : std::string_view();
    const size_t line_end = mark.empty() ? std::string_view::npos : task.find('\n', at);
    if (line_end == std::string_view::npos) continue;
    const std::string closing = absl::StrCat("\n[end of document ", AbslView(mark), "]");
    // From the line feed of the opening, which is also the closing's for an empty document.
    const size_t end = task.find(closing, line_end);
    if (end == std::string_view::npos) continue;
    prompt.mark = mark;
    prompt.document = task.substr(line_end + 1, end > line_end ? end - line_end - 1 : 0);
    SplitTitle(prompt);
    return task.substr(end + closing.size());
  }
  return task;
}

// What follows `label` on the last line that begins with it.
std::string_view LastLine(std::string_view text, std::string_view label) {
  for (size_t at = text.rfind(label); at != std::string_view::npos; at = text.rfind(label, at - 1)) {
    size_t before = at;
    while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == '\t')) --before;
    if (IsAtLineStart(text, before)) {
      const size_t begin = at + label.size();
      return Stripped(text.substr(begin, std::min(text.size(), text.find('\n', begin)) - begin));
    }
    if (at == 0) break;
  }
  return {};
}

PromptStage StageOf(std::string_view text, std::string_view schema_name) {
  for (const auto& [name, stage] : kSchemas) {
    if (name == schema_name) return stage;
  }
  if (Holds(text, "\"informative\"")) return PromptStage::kFilter;
  if (Holds(text, "\"personas\"")) return PromptStage::kPersona;
  const std::string_view end = text.substr(text.size() - std::min(text.size(), kKeysReach));
  if (Holds(end, "\"question\"") && Holds(end, "\"quote\"")) return PromptStage::kGenerator;
  return Holds(text, "\"correct\"") ? PromptStage::kVerifier : PromptStage::kAnswer;
}

size_t WhichQuestion(std::string_view task) {
  constexpr std::string_view kLead = "Write number ";
  const size_t at = task.rfind(kLead);
  if (at == std::string_view::npos) return 0;
  size_t number = 0;
  std::from_chars(task.data() + at + kLead.size(), task.data() + task.size(), number);
  return number == 0 ? 0 : number - 1;
}

}  // namespace

std::string_view StageText(PromptStage stage) {
  constexpr std::string_view kTexts[] = {"filter", "persona", "generator", "verifier", "answer"};
  return kTexts[static_cast<size_t>(stage)];
}

Prompt ReadPrompt(std::string_view task, std::string_view schema_name) {
  Prompt prompt;
  const std::string_view rest = SplitDocument(task, prompt);
  prompt.stage = StageOf(rest, schema_name);
  prompt.domains = LastLine(rest, "Domains:");
  prompt.persona = LastLine(rest, "Persona:");
  prompt.question = LastLine(rest, "Question:");
  prompt.answer = LastLine(rest, "Answer:");
  prompt.which = WhichQuestion(rest);
  return prompt;
}

std::string DomainOf(const Prompt& prompt, const std::string& found) {
  const std::vector<std::string> domains = absl::StrSplit(AbslView(prompt.domains), "; ", absl::SkipEmpty());
  for (const std::string& wanted : {found, std::string("Other")}) {
    if (domains.empty() || std::find(domains.begin(), domains.end(), wanted) != domains.end()) return wanted;
  }
  return domains[Hash64(prompt.document) % domains.size()];
}

}  // namespace quern::simulator
