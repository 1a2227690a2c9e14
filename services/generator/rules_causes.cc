#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

constexpr size_t kMaxComplementWords = 8;

// One past the phrase at `at` that closes its clause and says all of one thing; else `at`. "Several factors", "a number
// of parts" say nothing, and a count is another rule's.
size_t ComplementEnd(const Sentence& sentence, size_t at) {
  static constexpr std::string_view kVague[] = {
      "several",  "many",     "various", "different", "other", "some",     "numerous",    "number", "variety",
      "series",   "multiple", "certain", "such",      "group", "set",      "combination", "range",  "mixture",
      "sequence", "pair",     "lot",     "few",       "parts", "elements", "components",  "both",   "these"};
  const size_t end = sentence.ClauseEnd(at);
  const bool closed = end == sentence.Stop() || (sentence[end].text == "," && sentence[end + 1].Is(text::kRelative));
  if (!closed || end == at || !IsPlainPhrase(sentence, at, end, kMaxComplementWords)) return at;
  for (size_t i = at; i < end; ++i) {
    if (OneOf(sentence[i].lower, kVague)) return at;
  }
  return sentence[at].Is(text::kNumberWord) || sentence[at].IsNumber() || sentence[at].Is(text::kPreposition) ? at
                                                                                                              : end;
}

size_t SkipAnyArticle(const Sentence& sentence, size_t at) {
  return sentence.At(at, "the") || sentence.At(at, "a") || sentence.At(at, "an") ? at + 1 : at;
}

void AskComplement(const Sentence& sentence, size_t at, std::string question, std::string_view rule,
                   std::vector<Candidate>& out) {
  const size_t end = ComplementEnd(sentence, at);
  if (end == at) return;
  out.push_back(MakeCandidate(sentence, SkipAnyArticle(sentence, at), end, v1::ANSWER_TYPE_PHRASE, std::move(question),
                              rule, 0.74));
}

// "Malaria is caused by parasites."
void AskCause(const Sentence& sentence, const NounPhrase& subject, std::vector<Candidate>& out) {
  const size_t copula = subject.end;
  if (!sentence.At(copula, "is") && !sentence.At(copula, "was")) return;
  if (!sentence.At(copula + 1, "caused") && !sentence.At(copula + 1, "triggered")) return;
  if (!sentence.At(copula + 2, "by")) return;
  AskComplement(sentence, copula + 3,
                "By what " + sentence[copula].lower + " " + subject.text + " " + sentence[copula + 1].lower + "?",
                "cause", out);
}

// "Brass is made of copper and zinc", "water consists of hydrogen and oxygen".
void AskParts(const Sentence& sentence, const NounPhrase& subject, std::vector<Candidate>& out) {
  static constexpr std::string_view kStates[] = {"composed", "made"};
  const size_t verb = subject.end;
  if (sentence.At(verb, "consists") && sentence.At(verb + 1, "of")) {
    AskComplement(sentence, verb + 2, "Of what does " + subject.text + " consist?", "parts", out);
  }
  if (!sentence.At(verb, "is") && !sentence.At(verb, "was")) return;
  if (!OneOf(sentence[verb + 1].lower, kStates)) return;
  const bool up = sentence.At(verb + 2, "up");
  if (!sentence.At(verb + (up ? 3 : 2), "of")) return;
  AskComplement(
      sentence, verb + (up ? 4 : 3),
      "Of what " + sentence[verb].lower + " " + subject.text + " " + sentence.Text(verb + 1, verb + (up ? 3 : 2)) + "?",
      "parts", out);
}

}  // namespace

void AskCauses(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject || subject->plural || (subject->topic && !IsArticleClear(topic))) return;
  AskCause(sentence, *subject, out);
  AskParts(sentence, *subject, out);
}

}  // namespace quern::generator
