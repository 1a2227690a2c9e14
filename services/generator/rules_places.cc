#include "services/generator/agent.h"
#include "services/generator/event_verbs.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// One past the place at `at` with the greater places that commas add ("Oslo, Norway"), else `at`.
size_t PlaceEnd(const Sentence& sentence, size_t at) {
  size_t end = NameEnd(sentence, at);
  if (end == at) return at;
  for (int greater = 0; greater < 2 && sentence[end].text == ","; ++greater) {
    const size_t next = NameEnd(sentence, end + 1);
    if (next == end + 1 || sentence.At(next, "and")) break;
    end = next;
  }
  const Word& after = sentence[end];
  if (sentence.At(end, "and") || sentence.At(end, "or")) return at;
  // A list, or a name that goes on in a way that was not understood.
  if (after.text == "," && sentence[end + 1].token.capitalised) return at;
  const bool ends = end >= sentence.Stop() || after.text == "," || after.text == ")" ||
                    (after.Is(text::kPreposition | text::kRelative) && !after.token.capitalised);
  return ends ? end : at;
}

// "X is located in Oslo, Norway", "X is buried in Westminster Abbey": where.
void AskLocation(const Sentence& sentence, const NounPhrase& subject, std::vector<Candidate>& out) {
  const size_t copula = subject.end;
  if (!sentence.At(copula, "is") && !sentence.At(copula, "was")) return;
  static constexpr std::string_view kStates[] = {"located", "situated", "headquartered", "based",    "buried",
                                                 "kept",    "housed",   "interred",      "signed",   "held",
                                                 "fought",  "crowned",  "baptised",      "baptized", "educated"};
  static constexpr std::string_view kManners[] = {"originally", "first", "initially"};
  const size_t state = OneOf(sentence[copula + 1].lower, kManners) ? copula + 2 : copula + 1;
  // "was developed at Foo Laboratory"; "in" would lead a year or a language.
  const bool made = IsMakingVerb(PastBase(sentence, state)) && sentence.At(state + 1, "at") &&
                    IsFullName(sentence, state + 2, NameEnd(sentence, state + 2));
  if (!made && !OneOf(sentence[state].lower, kStates)) return;
  if (!sentence.At(state + 1, "in") && !sentence.At(state + 1, "at")) return;
  const size_t end = PlaceEnd(sentence, state + 2);
  if (end == state + 2) return;
  out.push_back(MakeCandidate(
      sentence, state + 2, end, v1::ANSWER_TYPE_NAME,
      "Where " + sentence[copula].lower + " " + subject.text + " " + sentence.Text(copula + 1, state + 1) + "?",
      "place", subject.topic ? 0.8 : 0.78));
}

// "X lies in northern Norway" is no name; "X flows into the Black Sea": into which body it flows.
void AskMouth(const Sentence& sentence, const NounPhrase& subject, std::vector<Candidate>& out) {
  const size_t verb = subject.end;
  const bool flows = sentence.At(verb, "flows") || sentence.At(verb, "empties") || sentence.At(verb, "drains");
  if (!flows || !sentence.At(verb + 1, "into")) return;
  const size_t end = PlaceEnd(sentence, verb + 2);
  if (end == verb + 2) return;
  const std::string base = text::Lexicon::English().Verb(sentence[verb].lower).first;
  out.push_back(MakeCandidate(sentence, verb + 2, end, v1::ANSWER_TYPE_NAME,
                              "Into what does " + subject.text + " " + base + "?", "place", 0.8));
}

}  // namespace

void AskPlaces(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject || subject->plural || (subject->topic && !IsArticleClear(topic))) return;
  AskLocation(sentence, *subject, out);
  AskMouth(sentence, *subject, out);
}

}  // namespace quern::generator
