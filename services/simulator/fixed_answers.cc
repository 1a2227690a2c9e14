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
constexpr size_t kAskedWords = 5;
constexpr size_t kWindowWords = kAskedWords + 3;
// Windows that are tried before a document is given up.
constexpr size_t kMaxWindows = 64;
// Personas of one document ask about windows so many words apart.
constexpr size_t kPersonaStep = 3;

// The first words of a text. An empty view stands for a word that holds more than letters and digits, or that no space
// follows.
std::vector<std::string_view> PlainWords(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < text.size() && words.size() < kMaxWindows + kWindowWords;) {
    const size_t end = std::min(text.size(), text.find_first_of(" \n\t\r", at));
    const std::string_view word = text.substr(at, end - at);
    const bool plain = std::all_of(word.begin(), word.end(), [](char c) { return absl::ascii_isalnum(c); });
    words.push_back(plain && end < text.size() && text[end] == ' ' ? word : std::string_view());
    at = end + 1;
  }
  return words;
}

std::string_view Between(std::string_view first, std::string_view last) {
  return {first.data(), static_cast<size_t>(last.data() + last.size() - first.data())};
}

// A pair that passes the checks of the form which any verifier makes.
bool IsGood(const v1::QuestionAnswer& pair) {
  std::string detail;
  return verifier::CheckNotLeaked(pair, 0.5, detail) && verifier::CheckSelfContained(pair, detail) &&
         verifier::CheckWellFormed(pair, detail);
}

}  // namespace

ordered_json FixedAnswers::Make(const Prompt& prompt, uint64_t sample) {
  switch (prompt.stage) {
    case PromptStage::kFilter:
      return {{"reason", "It is good."}, {"informative", true}, {"self_contained", true}, {"deep", true}};
    case PromptStage::kPersona:
      return {{"domain", "Other"},
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
  const size_t start = Hash64(prompt.persona) % 3 * kPersonaStep;
  for (size_t i = start; i + kWindowWords <= words.size(); ++i) {
    const auto begin = words.begin() + static_cast<ptrdiff_t>(i);
    if (std::any_of(begin, begin + kWindowWords, [](std::string_view word) { return word.empty(); })) continue;
    v1::QuestionAnswer pair;
    pair.set_question(absl::StrCat("Which three words follow \"",
                                   AbslView(Between(words[i], words[i + kAskedWords - 1])), "\" in entry ",
                                   AbslView(prompt.mark), "?"));
    pair.set_answer(std::string(Between(words[i + kAskedWords], words[i + kWindowWords - 1])));
    if (!IsGood(pair)) continue;
    known_.Remember(pair.question(), pair.answer());
    return {{"question", pair.question()},
            {"answer", pair.answer()},
            {"quote", Between(words[i], words[i + kWindowWords - 1])}};
  }
  return {{"question", ""}, {"answer", ""}, {"quote", ""}};
}

}  // namespace quern::simulator
