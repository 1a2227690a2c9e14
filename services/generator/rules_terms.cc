#include <algorithm>
#include <iterator>

#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

// "the study of", "the process by which": what follows these defines one term.
bool IsDefiningNoun(std::string_view noun) {
  static constexpr std::string_view kNouns[] = {"study",  "science", "process",  "practice",  "art",       "theory",
                                                "branch", "ratio",   "act",      "unit",      "force",     "belief",
                                                "fear",   "ability", "property", "procedure", "technique", "phenomenon",
                                                "sum",    "product", "rate",     "tendency",  "principle", "doctrine"};
  return std::find(std::begin(kNouns), std::end(kNouns), noun) != std::end(kNouns);
}

// A bare term that begins the sentence: the topic, or one or two common nouns without article.
size_t TermEnd(const Topic& topic, const Sentence& sentence) {
  if (const size_t topic_end = TopicEnd(topic, sentence, 0); topic_end > 0) return topic_end;
  size_t end = 0;
  while (end < 3 && sentence[end].Is(text::kNoun) && !sentence[end].Is(text::kClosed) &&
         (end == 0 || !sentence[end].token.capitalised)) {
    ++end;
  }
  return end;
}

}  // namespace

void AskTerms(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const size_t term_end = TermEnd(topic, sentence);
  if (term_end == 0 || !sentence.At(term_end, "is")) return;
  const size_t at = term_end + 1;
  if (!sentence.At(at, "the")) return;
  size_t head = at + 1;
  while (head < at + 4 && !IsDefiningNoun(sentence[head].lower)) {
    if (sentence[head].Is(text::kClosed) || sentence[head].IsPunct()) return;
    ++head;
  }
  if (head == at + 4) return;
  if (!sentence.At(head + 1, "of") && !sentence.At(head + 1, "by") && !sentence.At(head + 1, "that")) return;
  const size_t end = sentence.Stop();
  if (end - head < 5 || end - head > 22) return;
  for (size_t i = at; i < end; ++i) {
    if (sentence[i].Is(text::kPronoun) && !sentence[i].Is(text::kRelative)) return;
  }
  // A sentence that goes on past the definition does not define.
  for (size_t i = head; i < end; ++i) {
    if (sentence[i].text == "," &&
        (sentence[i + 1].Is(text::kRelative | text::kConjunction) || sentence[i + 1].token.capitalised))
      return;
    if (sentence[i].text == "(") return;
  }
  out.push_back(MakeCandidate(sentence, 0, term_end, v1::ANSWER_TYPE_TERM,
                              "What is the name for " + sentence.Text(at, end) + "?", "term", 0.66));
}

}  // namespace quern::generator
