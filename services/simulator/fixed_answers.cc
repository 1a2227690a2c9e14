#include "services/simulator/fixed_answers.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/absl_view.h"
#include "common/base/hash.h"
#include "services/verifier/checks.h"

namespace quern::simulator {
namespace {

using nlohmann::ordered_json;

constexpr size_t kReadBytes = 4096;
constexpr size_t kReadWords = 72;
// A question quotes five words, or fewer from a document that has no eight plain ones in a row.
constexpr size_t kAskedWords[] = {5, 3, 2};
constexpr size_t kAnswerWords = 3;
// Personas of one document ask about windows so many words apart.
constexpr size_t kPersonas = 3;
constexpr size_t kPersonaStep = 3;

// The first words of a text. An empty view stands for a word that holds more than letters and digits, or that no space
// follows.
std::vector<std::string_view> PlainWords(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < text.size() && words.size() < kReadWords;) {
    const size_t end = std::min(text.size(), text.find_first_of(" \n\t\r", at));
    const std::string_view word = text.substr(at, end - at);
    const bool plain = std::all_of(word.begin(), word.end(), [](char c) { return absl::ascii_isalnum(c); });
    words.push_back(plain && end < text.size() && text[end] == ' ' ? word : std::string_view());
    at = end + 1;
  }
  return words;
}

// Words that follow each other: some to ask with, then those of the answer.
struct Window {
  const std::vector<std::string_view>& words;
  size_t begin;
  size_t asked;

  bool IsPlain() const {
    const auto first = words.begin() + static_cast<ptrdiff_t>(begin);
    return std::none_of(first, first + static_cast<ptrdiff_t>(asked + kAnswerWords),
                        [](std::string_view word) { return word.empty(); });
  }

  // The text of the words [from, to), counted from the window's first.
  std::string_view Text(size_t from, size_t to) const {
    const std::string_view first = words[begin + from];
    const std::string_view last = words[begin + to - 1];
    return {first.data(), static_cast<size_t>(last.data() + last.size() - first.data())};
  }

  v1::QuestionAnswer Pair(std::string_view mark) const {
    v1::QuestionAnswer pair;
    pair.set_question(
        absl::StrCat("Which three words follow \"", AbslView(Text(0, asked)), "\" in entry ", AbslView(mark), "?"));
    pair.set_answer(std::string(Text(asked, asked + kAnswerWords)));
    return pair;
  }
};

// A pair that passes the checks of the form which any verifier makes.
bool IsGood(const v1::QuestionAnswer& pair) {
  // CheckWellFormed takes what it finds in its detail for a fault: one for each.
  std::string leak;
  std::string context;
  std::string form;
  return verifier::CheckNotLeaked(pair, 0.5, leak) && verifier::CheckSelfContained(pair, context) &&
         verifier::CheckWellFormed(pair, form);
}

}  // namespace

ordered_json FixedAnswers::Make(const Prompt& prompt, uint64_t sample) {
  switch (prompt.stage) {
    case PromptStage::kFilter:
      return {{"reason", "It is good."}, {"informative", true}, {"self_contained", true}, {"deep", true}};
    case PromptStage::kPersona:
      return {{"domain", DomainOf(prompt, "Other")},
              {"personas", {"a teacher of reading", "an editor of an encyclopaedia", "a student of the subject"}}};
    case PromptStage::kGenerator:
      return Question(prompt);
    case PromptStage::kVerifier:
      return {{"reason", "It is right."}, {"context", true}, {"correct", true}, {"leak", false}};
    case PromptStage::kAnswer:
      break;
  }
  const bool open = prompt.has_document();
  return {{"answer", open ? known_.Find(prompt.question) : known_.Recall(prompt.question, sample)}};
}

ordered_json FixedAnswers::Question(const Prompt& prompt) {
  const std::vector<std::string_view> words = PlainWords(prompt.document.substr(0, kReadBytes));
  const size_t start = Hash64(prompt.persona) % kPersonas * kPersonaStep;
  for (const size_t asked : kAskedWords) {
    const size_t size = asked + kAnswerWords;
    const size_t windows = words.size() < size ? 0 : words.size() - size + 1;
    for (size_t i = 0; i < windows; ++i) {
      const Window window{words, (start + i) % windows, asked};
      if (!window.IsPlain()) continue;
      const v1::QuestionAnswer pair = window.Pair(prompt.mark);
      if (!IsGood(pair)) continue;
      known_.Remember(pair.question(), pair.answer());
      return {{"question", pair.question()}, {"answer", pair.answer()}, {"quote", window.Text(0, size)}};
    }
  }
  return {{"question", ""}, {"answer", ""}, {"quote", ""}};
}

}  // namespace quern::simulator
