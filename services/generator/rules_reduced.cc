#include "services/generator/agent.h"
#include "services/generator/event_verbs.h"
#include "services/generator/frame.h"
#include "services/generator/modifiers.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"
#include "services/generator/topic_kind.h"
#include "services/generator/word_list.h"

namespace quern::generator {
namespace {

// "Discovered by Henry Cavendish in 1766.": a participle that begins the sentence of a dictionary entry.
size_t ElidedParticiple(const Topic& topic, const Sentence& sentence) {
  if (topic.words.empty() || topic.person || sentence[0].Is(text::kClosed)) return SIZE_MAX;
  const auto [base, form] = text::Lexicon::English().Verb(sentence[0].lower);
  if (form != text::VerbForm::kPast || !sentence[1].Is(text::kPreposition)) return SIZE_MAX;
  if ((!IsMakingVerb(base) && base != "release") || sentence.ClauseEnd(0) != sentence.Stop()) return SIZE_MAX;
  if (!sentence.At(1, "by") && !sentence.At(1, "in") && !sentence.At(1, "at")) return SIZE_MAX;
  // "Written by X." may speak of the document; in an entry that opens with "A ..." it speaks of the headword.
  const bool of_things =
      base == "discover" || base == "invent" || base == "isolate" || base == "design" || base == "develop";
  return topic.headword || of_things ? 0 : SIZE_MAX;
}

// Verbs whose agent is asked for beside those of making: one maker, publisher or owner at a time.
bool HasOneAgent(std::string_view base) {
  static constexpr std::string_view kVerbs[] = {"release", "produce", "manufacture", "make",
                                                "market",  "record",  "perform"};
  return IsMakingVerb(base) || OneOf(base, kVerbs);
}

// Verbs that are asked for their time or agent.
bool IsAsked(std::string_view base) {
  static constexpr std::string_view kEvents[] = {"announce", "fight", "sign",       "open",     "complete",
                                                 "erect",    "adopt", "enact",      "ratify",   "inaugurate",
                                                 "unveil",   "form",  "consecrate", "premiere", "broadcast"};
  return HasOneAgent(base) || OneOf(base, kEvents);
}

struct Circumstance {
  size_t agent = 0;
  size_t agent_end = 0;
  size_t place = 0;  // the name after "at"
  size_t place_end = 0;
  std::optional<When> when;
};

// Reads "by NAME", "at NAME" and "in YEAR" in [at, end); nothing when the agent is not clear.
std::optional<Circumstance> ReadModifier(const Sentence& sentence, size_t at, size_t end) {
  Circumstance found;
  for (; at < end; ++at) {
    for (const std::string_view other : {"after", "before", "since", "until"}) {
      if (sentence.At(at, other)) return found;
    }
    // "by Ann Lee at Foo College and Bo Li": a second agent stands behind the place.
    if (found.agent > 0 && sentence.At(at, "and") && NameEnd(sentence, at + 1) > at + 2) return std::nullopt;
    if (found.agent == 0 && sentence.At(at, "by")) {
      const size_t name = SkipRole(sentence, at + 1);
      const size_t name_end = AgentEnd(sentence, name);
      if (name_end > name) {
        found.agent = name;
        found.agent_end = name_end;
        at = name_end - 1;
        continue;
      }
      // A bare surname or an open list is no answer, but the time behind it is.
      if (NameEnd(sentence, at + 1) == at + 1) return std::nullopt;
      at = NameEnd(sentence, at + 1) - 1;
      continue;
    }
    if (found.place == 0 && sentence.At(at, "at") && NameEnd(sentence, at + 1) > at + 1) {
      found.place = at + 1;
      found.place_end = NameEnd(sentence, at + 1);
    }
    if (!found.when) found.when = ParseWhen(sentence, at);
  }
  return found;
}

// "Where was X developed?": the end of a place's name that no list or further name follows.
bool IsWholePlace(const Sentence& sentence, const Circumstance& found) {
  const Word& next = sentence[found.place_end];
  if (sentence.Text(found.place, found.place_end).size() < 3 ||
      (!IsFullName(sentence, found.place, found.place_end) && !sentence[found.place].Is(text::kPlaceName))) {
    return false;
  }
  if (sentence.At(found.place_end, "and") || sentence.At(found.place_end, "or")) return false;
  if (next.text == "," && (sentence[found.place_end + 1].token.capitalised)) return false;
  return found.place_end >= sentence.Stop() || next.text == "," || next.Is(text::kPreposition);
}

void AskFrom(const Topic& topic, const Sentence& sentence, const Modifier& modifier, double score,
             std::vector<Candidate>& out) {
  const size_t participle = modifier.participle;
  const std::string base = text::Lexicon::English().Verb(sentence[participle].lower).first;
  // Substances and laws take no article; of other common nouns only the document tells.
  const bool bare = base == "discover" || base == "isolate";
  if (!IsAsked(base) || (!bare && !IsArticleClear(topic))) return;
  const std::optional<Circumstance> found = ReadModifier(sentence, participle + 1, modifier.end);
  if (!found) return;
  // A word is coined, not the thing.
  const std::string subject = base == "coin" ? "the term " + topic.name : TopicText(topic);
  const std::string verb = text::LowerAscii(sentence[participle].text);
  std::string by;
  if (found->agent > 0 && HasOneAgent(base)) {
    by = " by " + sentence.Text(found->agent, found->agent_end);
    const std::string time = found->when ? " " + sentence.Text(found->when->begin, found->when->end) : "";
    out.push_back(MakeCandidate(sentence, found->agent, found->agent_end, v1::ANSWER_TYPE_NAME,
                                "By whom was " + subject + " " + verb + time + "?", "reduced_agent", score));
  }
  if (found->when && base != "make") {
    out.push_back(MakeCandidate(sentence, found->when->answer, found->when->end, v1::ANSWER_TYPE_DATE,
                                AskWhen(*found->when) + " was " + subject + " " + verb + by + "?", "reduced_time",
                                score));
  }
  if (found->place > 0 && IsMakingVerb(base) && IsWholePlace(sentence, *found)) {
    out.push_back(MakeCandidate(sentence, found->place, found->place_end, v1::ANSWER_TYPE_NAME,
                                "Where was " + subject + " " + verb + by + "?", "reduced_place", score - 0.04));
  }
}

// "A text editor by Ann Lee", "X is an opera by Bo Li": who created X.
void AskCreator(const Topic& topic, const Sentence& sentence, size_t article, std::vector<Candidate>& out) {
  const size_t head = HeadNoun(sentence, article + 1);
  if (head == 0 || !sentence.At(head + 1, "by") || !IsArticleClear(topic)) return;
  const size_t name = SkipRole(sentence, head + 2);
  const size_t end = AgentEnd(sentence, name);
  if (end == name) return;
  out.push_back(MakeCandidate(sentence, name, end, v1::ANSWER_TYPE_NAME, "Who created " + TopicText(topic) + "?",
                              "reduced_agent", 0.8));
}

// "Founded in 1088, it is the oldest university": the participle of the subject behind the comma.
void AskOpening(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const auto [base, form] = text::Lexicon::English().Verb(sentence[0].lower);
  if (form != text::VerbForm::kPast || !IsEventVerb(base)) return;
  const std::optional<When> when = ParseWhen(sentence, 1);
  if (!when || sentence[when->end].text != ",") return;
  const std::optional<NounPhrase> subject = ParseNamed(sentence, when->end + 1, topic);
  if (!subject || subject->plural || topic.person || (subject->topic && !IsArticleClear(topic))) return;
  out.push_back(MakeCandidate(sentence, when->answer, when->end, v1::ANSWER_TYPE_DATE,
                              AskWhen(*when) + " was " + subject->text + " " + sentence[0].lower + "?", "reduced_time",
                              0.8));
}

// "Varnhem Abbey, founded in 1150 by monks, ...": a participle between commas after the sentence's subject.
void AskAppositive(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  if (!subject || sentence[subject->end].text != ",") return;
  const size_t participle = subject->end + 1;
  if (!IsEventVerb(PastBase(sentence, participle))) return;
  const std::optional<When> when = ParseWhen(sentence, participle + 1);
  if (!when) return;
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
  AskOpening(topic, sentence, out);
  if (topic.person) return;
  if (const std::optional<size_t> predicate = PredicateAt(topic, sentence)) {
    const double score = topic.proper ? 0.84 : 0.8;
    AskCreator(topic, sentence, *predicate, out);
    for (const Modifier& modifier : FindModifiers(sentence, *predicate)) {
      AskFrom(topic, sentence, modifier, score, out);
    }
    return;
  }
  const size_t participle = ElidedParticiple(topic, sentence);
  if (participle != SIZE_MAX) AskFrom(topic, sentence, {participle, sentence.Stop()}, 0.8, out);
}

}  // namespace quern::generator
