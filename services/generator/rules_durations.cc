#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {

// "The Battle of Kahlenberg took place on 12 September 1683."
void AskTakingPlace(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject || subject->plural || !sentence.At(subject->end, "took") || !sentence.At(subject->end + 1, "place")) {
    return;
  }
  const std::optional<When> when = ParseWhen(sentence, subject->end + 2);
  if (!when) return;
  out.push_back(MakeCandidate(sentence, when->answer, when->end, v1::ANSWER_TYPE_DATE,
                              AskWhen(*when) + " did " + subject->text + " take place?", "event_time", 0.84));
}

// The state between "been" and "since" is asked as it stands.
void AskSince(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  constexpr size_t kMaxStateWords = 8;
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject || subject->plural) return;
  const size_t verb = subject->end;
  if (!sentence.At(verb, "has") || !sentence.At(verb + 1, "been")) return;
  size_t since = verb + 2;
  while (since < sentence.Stop() && !sentence.At(since, "since") && !sentence[since].IsPunct()) ++since;
  if (!sentence.At(since, "since") || since == verb + 2) return;
  const size_t year = since + 1;
  const size_t end = YearEnd(sentence, year);
  if (end == year || (end != sentence.Stop() && sentence[end].text != ",")) return;
  // "an independent republic" is a state; its article needs no more to say which.
  size_t state = verb + 2;
  if (sentence.At(state, "a") || sentence.At(state, "an")) ++state;
  if (!IsPlainPhrase(sentence, state, since, kMaxStateWords)) return;
  out.push_back(MakeCandidate(sentence, year, end, v1::ANSWER_TYPE_DATE,
                              "Since what year has " + subject->text + " been " + sentence.Text(verb + 2, since) + "?",
                              "since", 0.8));
}

}  // namespace quern::generator
