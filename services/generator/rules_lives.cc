#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

// A person named at the beginning of the sentence: in full (two words or more, without "the"), or by a pronoun for the
// topic.
struct Person {
  size_t end = 0;  // 0: none
  std::string name;
};

Person PersonAt(const Topic& topic, const Sentence& sentence) {
  if (topic.person && StandInEnd(topic, sentence, 0) == 1) return {1, topic.name};
  if (sentence.At(0, "the")) return {};
  const size_t end = NameEnd(sentence, 0);
  if (topic.person && end > 0 && TopicEnd(topic, sentence, 0) == end) return {end, topic.name};
  return end >= 2 ? Person{end, sentence.Text(0, end)} : Person{};
}

bool IsDash(const Word& word) {
  return word.text == "-" || word.text == "\xE2\x80\x93" || word.text == "\xE2\x80\x94" || word.lower == "to";
}

size_t TimeEnd(const Sentence& sentence, size_t at) {
  const size_t date = DateEnd(sentence, at);
  return date > at ? date : YearEnd(sentence, at);
}

// True when "was a ... PERSON" follows `at`.
bool SaysPerson(const Sentence& sentence, size_t at) {
  if (!sentence.At(at, "was") && !sentence.At(at, "is")) return false;
  const size_t end = std::min(sentence.ClauseEnd(at), at + 10);
  for (; at < end; ++at) {
    if (sentence[at].Is(text::kPersonNoun) && !sentence[at].token.capitalised) return true;
  }
  return false;
}

void AskLife(const Sentence& sentence, const std::string& name, size_t from, size_t to, bool born,
             std::vector<Candidate>& out) {
  When when{from, from, to, YearEnd(sentence, from) == from && to - from != 2, to - from == 2};
  const std::string ask = AskWhen(when);
  out.push_back(MakeCandidate(sentence, from, to, v1::ANSWER_TYPE_DATE,
                              ask + (born ? " was " + name + " born?" : " did " + name + " die?"), "life_time", 0.88));
}

// "NAME (5 May 1818 - 14 March 1883) was a philosopher". A hyphenated "(1818-1883)" is one token and is left alone.
void AskLifespan(const Sentence& sentence, const Person& person, std::vector<Candidate>& out) {
  const size_t name_end = person.end;
  if (sentence[name_end].text != "(") return;
  const std::string& name = person.name;
  size_t at = name_end + 1;
  // The pronunciation and other names stand before the dates: "(German: ...; 14 March 1879 - 18 April 1955)".
  for (size_t i = at; i < sentence.size() && sentence[i].text != ")"; ++i) {
    if (sentence[i].text == ";") at = i + 1;
  }
  const size_t begin = at;
  if (sentence.At(at, "born")) ++at;
  const size_t birth = at;
  const size_t birth_end = TimeEnd(sentence, birth);
  if (birth_end == birth) return;
  if (sentence[birth_end].text == ")") {
    if (birth > begin && SaysPerson(sentence, birth_end + 1)) AskLife(sentence, name, birth, birth_end, true, out);
    return;
  }
  if (!IsDash(sentence[birth_end])) return;
  const size_t death = birth_end + 1;
  const size_t death_end = TimeEnd(sentence, death);
  if (death_end == death || sentence[death_end].text != ")" || !SaysPerson(sentence, death_end + 1)) return;
  AskLife(sentence, name, birth, birth_end, true, out);
  AskLife(sentence, name, death, death_end, false, out);
}

// "NAME was born in Ulm, Germany, on 14 March 1879" and "NAME died in Princeton".
void AskBirthAndDeath(const Sentence& sentence, const Person& person, std::vector<Candidate>& out) {
  const size_t name_end = person.end;
  const bool born = sentence.At(name_end, "was") && sentence.At(name_end + 1, "born");
  if (!born && !sentence.At(name_end, "died")) return;
  const std::string& name = person.name;
  const size_t begin = name_end + (born ? 2 : 1);
  for (size_t at = begin; at < sentence.Stop() && at < begin + 12; ++at) {
    if (sentence[at].Is(text::kRelative | text::kConjunction | text::kAuxiliary)) break;
    const std::optional<When> when = ParseWhen(sentence, at);
    if (when) {
      AskLife(sentence, name, when->answer, when->end, born, out);
      at = when->end - 1;
      continue;
    }
    const bool place = at == begin && (sentence.At(at, "in") || sentence.At(at, "at"));
    const size_t place_end = place ? NameEnd(sentence, at + 1) : at;
    if (!place || place_end == at + 1) continue;
    size_t end = place_end;
    if (sentence[end].text == "," && NameEnd(sentence, end + 1) > end + 1) end = NameEnd(sentence, end + 1);
    out.push_back(MakeCandidate(sentence, at + 1, end, v1::ANSWER_TYPE_NAME,
                                born ? "Where was " + name + " born?" : "Where did " + name + " die?", "life_place",
                                0.8));
    at = end - 1;
  }
}

}  // namespace

void AskLives(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const Person person = PersonAt(topic, sentence);
  if (person.end == 0) return;
  AskLifespan(sentence, person, out);
  AskBirthAndDeath(sentence, person, out);
}

}  // namespace quern::generator
