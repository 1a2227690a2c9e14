#include "services/generator/agent.h"
#include "services/generator/circumstances.h"
#include "services/generator/event_verbs.h"
#include "services/generator/frame.h"
#include "services/generator/noun_phrase.h"
#include "services/generator/rules.h"

namespace quern::generator {
namespace {

constexpr size_t kMaxMiddle = 10;

struct Passive {
  NounPhrase subject;
  std::string auxiliary;  // "was"
  size_t verb = 0;        // the participle, adverb before it included
  size_t participle = 0;
  std::string base;
};

// "Penicillin", "Direct sequence spread spectrum": bare nouns at the beginning of the sentence, no adjective that only
// a text explains.
std::optional<NounPhrase> ParseSubstance(const Sentence& sentence) {
  size_t end = 0;
  while (end < 5 && sentence[end].Is(text::kNoun | text::kAdjective) &&
         !sentence[end].Is(text::kClosed | text::kTimeNoun) && (end == 0 || !sentence[end].token.capitalised) &&
         !sentence[end].Is(text::kPersonNoun)) {
    static constexpr std::string_view kRelative[] = {"early", "initial", "first",   "original", "other",  "more",
                                                     "new",   "further", "later",   "modern",   "part",   "work",
                                                     "much",  "such",    "version", "evidence", "nothing"};
    for (const std::string_view word : kRelative) {
      if (sentence.At(end, word)) return std::nullopt;
    }
    ++end;
  }
  if (end == 0 || !sentence.At(end, "was") || !sentence[end - 1].Is(text::kNoun)) return std::nullopt;
  NounPhrase phrase;
  phrase.end = end;
  phrase.text = sentence.Text(0, end);
  phrase.text[0] = text::LowerAscii(phrase.text.substr(0, 1))[0];
  return phrase;
}

std::optional<Passive> ParsePassive(const Topic& topic, const Sentence& sentence) {
  std::optional<NounPhrase> subject = ParseNamed(sentence, 0, topic);
  const bool named = subject.has_value();
  if (!named) subject = ParseSubstance(sentence);
  if (!subject) return std::nullopt;
  size_t at = subject->end;
  if (sentence[at].text == "(") {
    while (at < sentence.size() && sentence[at].text != ")") ++at;
    ++at;
  }
  if (subject->topic && !IsArticleClear(topic)) return std::nullopt;
  if (!sentence.At(at, "was") && !sentence.At(at, "were")) return std::nullopt;
  Passive passive{*subject, sentence[at].lower, at + 1, at + 1, ""};
  static constexpr std::string_view kAdverbs[] = {"first",   "originally", "officially", "formally",
                                                  "finally", "initially",  "jointly"};
  for (const std::string_view adverb : kAdverbs) {
    if (sentence.At(passive.participle, adverb)) ++passive.participle;
  }
  // "legally dissolved", "formally annexed": how it was done.
  const Word& manner = sentence[passive.participle];
  if (manner.Is(text::kAdverb) && manner.lower.size() > 4 && manner.lower.substr(manner.lower.size() - 2) == "ly") {
    ++passive.participle;
  }
  passive.base = PastBase(sentence, passive.participle);
  if (!IsEventVerb(passive.base)) return std::nullopt;
  // Described for the first time is an event; described again is none.
  if (passive.base == "describe" && !sentence.At(passive.participle - 1, "first")) return std::nullopt;
  // Of things without a proper name only the discovery or invention happened once for all.
  const bool once =
      passive.base == "discover" || passive.base == "invent" || passive.base == "isolate" || passive.base == "coin";
  if (!named && !once) return std::nullopt;
  return passive;
}

// " in 1972", where the time stands right at `at`; moves `at` past it.
std::string TimeRightAt(const Sentence& sentence, const Circumstances& found, size_t& at) {
  if (!found.when || found.when->begin != at) return "";
  at = found.when->end;
  return " " + sentence.Text(found.when->begin, found.when->end);
}

void AskWhenPassive(const Sentence& sentence, const Passive& passive, const Circumstances& found,
                    std::vector<Candidate>& out) {
  const When& when = *found.when;
  // What stands between the participle and the time belongs to the question, the agent included.
  if (!IsPlainPhrase(sentence, passive.participle + 1, when.begin, kMaxMiddle)) return;
  std::string question = AskWhen(when) + " " + passive.auxiliary + " " + passive.subject.text + " " +
                         sentence.Text(passive.verb, when.begin);
  if (found.agent > 0 && found.by == when.end) question += " by " + sentence.Text(found.agent, found.agent_end);
  out.push_back(MakeCandidate(sentence, when.answer, when.end, v1::ANSWER_TYPE_DATE, question + "?", "event_time",
                              passive.subject.topic ? 0.86 : 0.82));
}

void AskAgentPassive(const Sentence& sentence, const Passive& passive, const Circumstances& found,
                     std::vector<Candidate>& out) {
  if (!IsMakingVerb(passive.base) && passive.base != "describe") return;
  const size_t by = found.by;
  if (!IsPlainPhrase(sentence, passive.participle + 1, by, 6)) return;
  size_t after = found.agent_end;
  const std::string time = TimeRightAt(sentence, found, after);
  out.push_back(MakeCandidate(
      sentence, found.agent, found.agent_end, v1::ANSWER_TYPE_NAME,
      "By whom " + passive.auxiliary + " " + passive.subject.text + " " + sentence.Text(passive.verb, by) + time + "?",
      "event_agent", passive.subject.topic ? 0.86 : 0.82));
}

struct Active {
  NounPhrase subject;
  size_t begin = 0;  // of the subject
  size_t verb = 0;
  std::string base;
};

std::optional<Active> ParseActive(const Topic& topic, const Sentence& sentence, size_t at) {
  const std::optional<NounPhrase> subject = ParseNamed(sentence, at, topic);
  if (!subject) return std::nullopt;
  Active active{*subject, at, subject->end, ""};
  if (sentence[active.verb].text == "(") return std::nullopt;
  if (sentence.At(active.verb, "officially") || sentence.At(active.verb, "formally") ||
      sentence.At(active.verb, "first"))
    ++active.verb;
  active.base = PastBase(sentence, active.verb);
  if (!IsEventVerb(active.base) || active.base == "describe") return std::nullopt;
  // "The book published in 1972 was ...": the verb is no main verb.
  if (sentence.At(active.verb + 1, "by")) return std::nullopt;
  const size_t end = sentence.ClauseEnd(active.verb + 1);
  for (size_t i = active.verb + 1; i < end; ++i) {
    if (sentence[i].Is(text::kRelative)) break;
    if (sentence[i].Is(text::kAuxiliary | text::kModal) && !sentence[i].token.capitalised) return std::nullopt;
  }
  return active;
}

// "invented the stethoscope": of a common noun only the discovery or invention has one agent.
std::optional<NounPhrase> ParseInvention(const Sentence& sentence, const Active& active) {
  if (active.base != "invent" && active.base != "discover" && active.base != "patent") return std::nullopt;
  const size_t begin = active.verb + 1;
  size_t end = begin + (sentence.At(begin, "the") ? 1 : 0);
  const size_t noun = end;
  while (end < noun + 4 && sentence[end].Is(text::kNoun | text::kAdjective) && !sentence[end].Is(text::kClosed) &&
         !sentence[end].token.capitalised) {
    ++end;
  }
  if (end == noun || !sentence[end - 1].Is(text::kNoun)) return std::nullopt;
  if (noun == begin && text::Lexicon::English().IsPlural(sentence[end - 1].lower)) return std::nullopt;
  NounPhrase phrase;
  phrase.end = end;
  phrase.text = sentence.Text(begin, end);
  return phrase;
}

// "In what year did X publish Y?"
void AskWhenActive(const Sentence& sentence, const Active& active, const When& when, size_t object_end,
                   std::vector<Candidate>& out) {
  const std::optional<NounPhrase> invention = ParseInvention(sentence, active);
  if (!(invention && invention->end == object_end) &&
      !IsPlainPhrase(sentence, active.verb + 1, object_end, kMaxMiddle)) {
    return;
  }
  const std::string adverb = active.verb > active.subject.end ? sentence.Text(active.verb - 1, active.verb) + " " : "";
  const std::string object = object_end > active.verb + 1 ? " " + sentence.Text(active.verb + 1, object_end) : "";
  out.push_back(MakeCandidate(sentence, when.answer, when.end, v1::ANSWER_TYPE_DATE,
                              AskWhen(when) + " did " + active.subject.text + " " + adverb + active.base + object + "?",
                              "event_time", active.subject.topic ? 0.84 : 0.8));
}

// "Who invented Y in 1947?": the object must name its thing.
void AskAgentActive(const Topic& topic, const Sentence& sentence, const Active& active, const std::optional<When>& when,
                    std::vector<Candidate>& out) {
  if (!IsMakingVerb(active.base) || active.verb != active.subject.end) return;
  const size_t agent_end = NameEnd(sentence, active.begin);
  if (agent_end != active.subject.end || !IsFullName(sentence, active.begin, agent_end)) return;
  std::optional<NounPhrase> object = ParseNamed(sentence, active.verb + 1, topic);
  if (!object) object = ParseInvention(sentence, active);
  if (!object) return;
  std::string time;
  size_t after = object->end;
  if (when && when->begin == after) {
    time = " " + sentence.Text(when->begin, when->end);
    after = when->end;
  }
  if (after != sentence.Stop() && sentence[after].text != "," && time.empty()) return;
  if (sentence[object->end].text == "," && sentence[object->end + 1].token.capitalised) return;
  out.push_back(MakeCandidate(sentence, active.begin, agent_end, v1::ANSWER_TYPE_NAME,
                              "Who " + sentence.Text(active.verb, active.verb + 1) + " " + object->text + time + "?",
                              "event_agent", object->topic ? 0.84 : 0.78));
}

}  // namespace

void AskPassiveEvents(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  const std::optional<Passive> passive = ParsePassive(topic, sentence);
  if (!passive) return;
  const Circumstances found =
      ReadClause(sentence, passive->participle + 1, EventEnd(sentence, passive->participle + 1));
  if (found.when) AskWhenPassive(sentence, *passive, found, out);
  if (found.agent > 0) AskAgentPassive(sentence, *passive, found, out);
}

void AskActiveEvents(const Topic& topic, const Sentence& sentence, std::vector<Candidate>& out) {
  if (const std::optional<When> when =
          sentence.At(0, "in") || sentence.At(0, "on") ? ParseWhen(sentence, 0) : std::nullopt) {
    const size_t at = sentence[when->end].text == "," ? when->end + 1 : when->end;
    const std::optional<Active> active = ParseActive(topic, sentence, at);
    if (!active) return;
    const size_t end = EventEnd(sentence, active->verb + 1);
    if (EndsWhole(sentence, active->verb, end)) AskWhenActive(sentence, *active, *when, end, out);
    return;
  }
  const std::optional<Active> active = ParseActive(topic, sentence, 0);
  if (!active) return;
  const Circumstances found = ReadClause(sentence, active->verb + 1, EventEnd(sentence, active->verb + 1));
  // "began in 1969 as TENEX": another thing began.
  const bool as_other =
      found.when && sentence.At(found.when->end, "as") && (active->base == "begin" || active->base == "start");
  if (found.when && !as_other) AskWhenActive(sentence, *active, *found.when, found.when->begin, out);
  AskAgentActive(topic, sentence, *active, found.when, out);
}

}  // namespace quern::generator
