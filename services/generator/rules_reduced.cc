#include "services/generator/event_verbs.h"
#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

// One past the copula of "TOPIC is a", 0 for a headword's "A ..."; nothing when the sentence is not about the topic.
std::optional<size_t> PredicateAt(const Topic& topic, const Sentence& sentence) {
  if (topic.words.empty()) return std::nullopt;
  if (sentence.index() == 0 && topic.headword) return 0;
  const size_t at = sentence.At(0, "the") && TopicEnd(topic, sentence, 0) == 0 ? 1 : 0;
  size_t copula = IsTopicPronoun(topic, sentence, 0) ? 1 : TopicEnd(topic, sentence, at);
  if (copula == at) return std::nullopt;
  if (sentence[copula].text == "(") {
    while (copula < sentence.size() && sentence[copula].text != ")") ++copula;
    ++copula;
  }
  if (!sentence.At(copula, "is") && !sentence.At(copula, "was")) return std::nullopt;
  return copula + 1;
}

// The participle that modifies the head noun of "a language designed by": the words between article and participle hold
// no name, no preposition and no mark, so that it can modify nothing else.
size_t ReducedParticiple(const Sentence& sentence, size_t at) {
  if (!sentence.At(at, "a") && !sentence.At(at, "an") && !sentence.At(at, "the")) return 0;
  for (++at; at < sentence.Stop(); ++at) {
    const Word& word = sentence[at];
    if (word.IsPunct() || word.Is(text::kClosed)) return 0;
    if (at > 1 && !PastBase(sentence, at).empty() && (sentence[at + 1].Is(text::kPreposition))) {
      return sentence[at - 1].Is(text::kNoun) || sentence[at - 1].token.capitalised ? at : 0;
    }
  }
  return 0;
}

// "Discovered by Henry Cavendish in 1766.": a participle that begins the sentence of a dictionary entry.
size_t ElidedParticiple(const Topic& topic, const Sentence& sentence) {
  if (topic.words.empty() || topic.person || sentence[0].Is(text::kClosed)) return SIZE_MAX;
  const auto [base, form] = text::Lexicon::English().Verb(sentence[0].lower);
  if (form != text::VerbForm::kPast || !sentence[1].Is(text::kPreposition)) return SIZE_MAX;
  if (!IsMakingVerb(base) || sentence.ClauseEnd(0) != sentence.Stop()) return SIZE_MAX;
  if (!sentence.At(1, "by") && !sentence.At(1, "in") && !sentence.At(1, "at")) return SIZE_MAX;
  // "Written by X." may speak of the document; in an entry that opens with "A ..." it speaks of the headword.
  const bool of_things =
      base == "discover" || base == "invent" || base == "isolate" || base == "design" || base == "develop";
  return topic.headword || of_things ? 0 : SIZE_MAX;
}

void AskFrom(const Topic& topic, const Sentence& sentence, size_t participle, double score,
             std::vector<Candidate>& out) {
  const std::string base = text::Lexicon::English().Verb(sentence[participle].lower).first;
  if (!IsMakingVerb(base) && base != "release" && base != "produce") return;
  const std::string verb = text::LowerAscii(sentence[participle].text);
  const std::string subject = TopicText(topic);
  const size_t end = sentence.ClauseEnd(participle + 1);
  size_t agent = 0;
  size_t agent_end = 0;
  std::optional<When> when;
  for (size_t at = participle + 1; at < end; ++at) {
    if (sentence[at].Is(text::kRelative | text::kConjunction | text::kAuxiliary) && agent_end <= at) break;
    if (sentence.At(at, "after") || sentence.At(at, "before") || sentence.At(at, "since") || sentence.At(at, "until"))
      break;
    if (agent == 0 && at == participle + 1 && sentence.At(at, "by")) {
      agent_end = AgentEnd(sentence, at + 1);
      if (agent_end == at + 1) return;
      agent = at + 1;
      at = agent_end - 1;
      continue;
    }
    if (!when) when = ParseWhen(sentence, at);
  }
  std::string by;
  if (agent > 0) {
    by = " by " + sentence.Text(agent, agent_end);
    const std::string time = when ? " " + sentence.Text(when->begin, when->end) : "";
    out.push_back(MakeCandidate(sentence, agent, agent_end, v1::ANSWER_TYPE_NAME,
                                "By whom was " + subject + " " + verb + time + "?", "reduced_agent", score));
  }
  if (when && !when->day) {
    out.push_back(MakeCandidate(sentence, when->answer, when->end, v1::ANSWER_TYPE_DATE,
                                AskWhen(*when) + " was " + subject + " " + verb + by + "?", "reduced_time", score));
  }
}

// "Varnhem Abbey, founded in 1150 by monks, ...": a participle between commas after the sentence's subject.
void AskAppositive(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject || sentence[subject->end].text != ",") return;
  const size_t participle = subject->end + 1;
  if (!IsEventVerb(PastBase(sentence, participle))) return;
  const std::optional<When> when = ParseWhen(sentence, participle + 1);
  if (!when || when->day) return;
  std::string by;
  if (sentence.At(when->end, "by")) {
    const size_t agent_end = AgentEnd(sentence, when->end + 1);
    if (agent_end == when->end + 1) return;
    by = " by " + sentence.Text(when->end + 1, agent_end);
  } else if (sentence[when->end].text != ",") {
    return;
  }
  out.push_back(MakeCandidate(sentence, when->answer, when->end, v1::ANSWER_TYPE_DATE,
                              AskWhen(*when) + (subject->plural ? " were " : " was ") + subject->text + " " +
                                  sentence[participle].lower + by + "?",
                              "reduced_time", 0.8));
}

}  // namespace

void AskReducedEvents(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  AskAppositive(topic, sentence, out);
  if (const std::optional<size_t> predicate = PredicateAt(topic, sentence)) {
    const size_t participle = ReducedParticiple(sentence, *predicate);
    if (participle > 0) AskFrom(topic, sentence, participle, topic.proper ? 0.84 : 0.6, out);
    return;
  }
  const size_t participle = ElidedParticiple(topic, sentence);
  if (participle != SIZE_MAX) AskFrom(topic, sentence, participle, 0.8, out);
}

}  // namespace quern::generator
