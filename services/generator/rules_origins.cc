#include <algorithm>
#include <iterator>

#include "services/generator/agent.h"
#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// "X was named after Y."
void AskNamesake(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject) return;
  const size_t copula = subject->end;
  if (!sentence.At(copula, "is") && !sentence.At(copula, "was")) return;
  if (!sentence.At(copula + 1, "named")) return;
  size_t at = copula + 2;
  if (sentence.At(at, "after") || sentence.At(at, "for")) {
    ++at;
  } else if (sentence.Phrase(at, "in honour of") || sentence.Phrase(at, "in honor of")) {
    at += 3;
  } else {
    return;
  }
  const bool article = sentence.At(at, "the");
  size_t name = at + (article ? 1 : 0);
  size_t role = name;
  // "after the Scottish engineer James Watt": the role stays out of the answer.
  while (role < name + 6 && !sentence[role].IsPunct() && !sentence[role].Is(text::kClosed) &&
         NameEnd(sentence, role) == role)
    ++role;
  if (role > name && sentence[role - 1].Is(text::kPersonNoun) && NameEnd(sentence, role) > role + 1) name = role;
  const size_t end = NameEnd(sentence, name);
  if (end == name || (end != sentence.Stop() && sentence[end].text != ",")) return;
  if (sentence[end].text == "," && sentence[end + 1].token.capitalised) return;
  out.push_back(MakeCandidate(sentence, name, end, v1::ANSWER_TYPE_NAME,
                              "After whom or what " + sentence[copula].lower + " " + subject->text + " named?",
                              "namesake", 0.84));
}

bool IsLanguage(std::string_view word) {
  static constexpr std::string_view kLanguages[] = {
      "Greek",      "Latin",     "French",    "German",  "Arabic",    "Sanskrit", "Italian", "Spanish",
      "Portuguese", "Dutch",     "Japanese",  "Chinese", "Hebrew",    "Persian",  "Turkish", "Hindi",
      "Russian",    "Swedish",   "Norwegian", "Danish",  "Icelandic", "Welsh",    "Irish",   "Czech",
      "Polish",     "Hungarian", "Finnish",   "Malay",   "Nahuatl",   "Quechua",  "Tamil",   "Aramaic",
      "Akkadian",   "Hawaiian",  "Basque",    "Gaelic",  "Korean",    "Tibetan"};
  return std::find(std::begin(kLanguages), std::end(kLanguages), word) != std::end(kLanguages);
}

// "The word algebra comes from the Arabic ...".
void AskLanguage(const Sentence& sentence, std::vector<Candidate>& out) {
  if (!sentence.At(0, "the")) return;
  if (!sentence.At(1, "word") && !sentence.At(1, "term") && !sentence.At(1, "name")) return;
  size_t at = 2;
  while (at < 6 && sentence[at].token.kind == text::TokenKind::kWord && !sentence[at].Is(text::kClosed) &&
         text::Lexicon::English().Verb(sentence[at].lower).first != "derive" && !sentence.At(at, "comes") &&
         !sentence.At(at, "originates")) {
    ++at;
  }
  if (at == 2) return;
  const size_t word_end = at;
  if (sentence.At(at, "is") || sentence.At(at, "was")) ++at;
  if (!sentence.At(at, "comes") && !sentence.At(at, "derives") && !sentence.At(at, "derived") &&
      !sentence.At(at, "originates"))
    return;
  if (!sentence.At(++at, "from")) return;
  if (sentence.At(++at, "the")) ++at;
  const size_t begin = at;
  if (sentence.At(at, "old") || sentence.At(at, "ancient") || sentence.At(at, "middle") || sentence.At(at, "medieval"))
    ++at;
  if (!IsLanguage(sentence[at].text)) return;
  const size_t end = at + 1;
  for (size_t i = end; i < sentence.size(); ++i) {
    if (IsLanguage(sentence[i].text)) return;
  }
  out.push_back(MakeCandidate(sentence, begin, end, v1::ANSWER_TYPE_NAME,
                              "From which language does the " + sentence.Text(1, word_end) + " come?", "etymology",
                              0.8));
}

// "The term was coined by Ann Lee in 1962", "The word robot was coined by ...".
void AskCoinage(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  static constexpr std::string_view kWords[] = {"term", "word", "phrase", "name"};
  if (!sentence.At(0, "the") || !OneOf(sentence[1].lower, kWords)) return;
  size_t at = 2;
  while (at < 6 && !sentence.At(at, "was") && !sentence[at].IsPunct() && !sentence[at].Is(text::kClosed)) ++at;
  if (!sentence.At(at, "was") || sentence[at + (sentence.At(at + 1, "first") ? 2 : 1)].lower != "coined") return;
  // Without a word of its own, the sentence speaks of the document's.
  if (at == 2 && (topic.words.empty() || !topic.defined)) return;
  const std::string word = "the " + sentence[1].lower + " " + (at == 2 ? topic.name : sentence.Text(2, at));
  const size_t participle = at + (sentence.At(at + 1, "first") ? 2 : 1);
  std::optional<When> when = ParseWhen(sentence, participle + 1);
  const size_t by = when ? when->end : participle + 1;
  if (!sentence.At(by, "by")) return;
  const size_t name = SkipRole(sentence, by + 1);
  const size_t end = AgentEnd(sentence, name);
  if (end == name) return;
  if (!when) when = ParseWhen(sentence, end);
  const std::string time = when ? " " + sentence.Text(when->begin, when->end) : "";
  out.push_back(MakeCandidate(sentence, name, end, v1::ANSWER_TYPE_NAME, "By whom was " + word + " coined" + time + "?",
                              "event_agent", 0.82));
  if (!when) return;
  out.push_back(MakeCandidate(sentence, when->answer, when->end, v1::ANSWER_TYPE_DATE,
                              AskWhen(*when) + " was " + word + " coined by " + sentence.Text(name, end) + "?",
                              "event_time", 0.8));
}

}  // namespace

void AskOrigins(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  AskNamesake(topic, sentence, out);
  AskLanguage(sentence, out);
  AskCoinage(topic, sentence, out);
}

}  // namespace quern::generator
